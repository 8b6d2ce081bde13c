import fc from 'fast-check';
import { formatCommand, parseImageConfig } from './image-config.js';

const parse = (document: unknown) => parseImageConfig(Buffer.from(JSON.stringify(document)));

describe('image config', () => {
  it('tells how the image runs', () => {
    const config = parse({
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      created: '2026-11-21T01:38:12.5Z',
      author: 'someone',
      config: {
        Entrypoint: ['/app'],
        Cmd: ['--help'],
        Env: ['PATH=/bin', 'OPTIONS=a=b', 'EMPTY'],
        User: '10001',
        WorkingDir: '/srv',
        ExposedPorts: { '8080/tcp': {} },
        Volumes: { '/data': {} },
        Labels: { a: 'b' },
      },
      history: [{ created_by: '/bin/sh -c #(nop) ADD file:x in / ' }, { created_by: 'CMD ["sh"]', empty_layer: true }],
    });
    expect(config).toEqual({
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      created: new Date('2026-11-21T01:38:12.5Z'),
      author: 'someone',
      entrypoint: ['/app'],
      cmd: ['--help'],
      env: [
        { name: 'PATH', value: '/bin' },
        { name: 'OPTIONS', value: 'a=b' },
        { name: 'EMPTY', value: '' },
      ],
      user: '10001',
      workingDir: '/srv',
      ports: ['8080/tcp'],
      volumes: ['/data'],
      labels: { a: 'b' },
      history: [
        { command: 'ADD file:x in /', created: undefined, empty: false },
        { command: 'CMD ["sh"]', created: undefined, empty: true },
      ],
      counts: { entrypoint: 1, cmd: 1, env: 3, ports: 1, volumes: 1, labels: 1, history: 2 },
    });
  });

  it('leaves out what is not what it should be', () => {
    expect(
      parse({
        os: 7,
        created: 'yesterday',
        config: { Env: 'x', Cmd: [1, 'a'], Labels: { a: 1 } },
        history: [null, {}],
      }),
    ).toEqual({
      platform: undefined,
      created: undefined,
      author: undefined,
      entrypoint: [],
      cmd: ['a'],
      env: [],
      user: undefined,
      workingDir: undefined,
      ports: [],
      volumes: [],
      labels: {},
      history: [{ command: '', created: undefined, empty: false }],
      counts: { entrypoint: 0, cmd: 2, env: 0, ports: 0, volumes: 0, labels: 1, history: 2 },
    });
  });

  it('is read to its beginning when there is more of it than anybody reads', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => `k${i}=${i}`);
    const long = 'x'.repeat(1_000_000);
    const config = parse({
      config: {
        Env: many,
        Cmd: [long],
        User: long,
        Labels: Object.fromEntries(many.map((key) => [key, long.slice(0, 9)])),
      },
      history: Array.from({ length: 345_000 }, () => ({})),
    });
    expect(config?.counts).toMatchObject({ env: 70_000, labels: 70_000, history: 345_000, cmd: 1 });
    expect([config?.env.length, Object.keys(config?.labels ?? {}).length, config?.history.length]).toEqual([
      200, 200, 200,
    ]);
    for (const text of [config?.user, config?.cmd[0]]) expect(text).toBe(`${'x'.repeat(4095)}…`);
    expect(JSON.stringify(config).length).toBeLessThan(512 * 1024);
    expect(
      parse({ history: [{ created_by: `RUN |1 A=${'x'.repeat(5000)} /bin/sh -c make` }] })?.history[0]?.command,
    ).toBe('RUN make');
  });

  it('never throws', () => {
    const parts = fc.record(
      {
        os: fc.jsonValue(),
        architecture: fc.jsonValue(),
        created: fc.jsonValue(),
        config: fc.jsonValue(),
        history: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(parts, (document) => void parse(document)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseImageConfig(bytes)));
    for (const text of ['', 'null', '[]', '"x"', '{']) expect(parseImageConfig(Buffer.from(text))).toBeUndefined();
  });
});

describe('command', () => {
  it.each([
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c #(nop) ADD file:1 in / ', 'ADD file:1 in /'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c apt-get update # buildkit', 'RUN apt-get update'],
    ['RUN |1 VERSION=1 /bin/sh -c make $VERSION # buildkit', 'RUN make $VERSION'],
    ['|2 A=1 B=x y /bin/sh -c make', 'RUN make'],
    ['COPY . /app # buildkit', 'COPY . /app'],
    ['ENTRYPOINT ["/app"]', 'ENTRYPOINT ["/app"]'],
    ['RUN /bin/sh -c a \\\n  && b # buildkit', 'RUN a \\\n  && b'],
    ['', ''],
  ])('%j is shown as %j', (createdBy, expected) => {
    expect(formatCommand(createdBy)).toBe(expected);
  });

  it('of any length is shown at once', () => {
    for (const part of [' ', '/bin/sh -c ', '|1 ', '# buildkit']) {
      const text = `x${part.repeat(1_000_000 / part.length)}x`;
      expect(formatCommand(text)).toBe(text);
    }
    expect(formatCommand(`|1 ${'a'.repeat(1_000_000)}`)).toHaveLength(1_000_003);
  });
});
