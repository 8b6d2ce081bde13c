import fc from 'fast-check';
import { config, load, problems } from '../../test/support/settings.js';
import { allSettings, unavailable } from './settings.js';

describe('problems', () => {
  test('are all told at once, in the order of the table', async () => {
    expect(
      await problems({
        env: { BERTH_PORT: '99999', BERTH_HOTS: 'x', BERTH_UPLOAD_TTL: 'soon', BERTH_CONFIG: 'berth.yaml' },
        files: { 'berth.yaml': 'registry:\n  deleteEnable: false\n  maxBlobBytes: {a: 1}\nopenSignup: true\n' },
      }),
    ).toEqual([
      'BERTH_HOTS is not a setting; did you mean BERTH_HOST?',
      'registry.deleteEnable in berth.yaml is not a setting; did you mean registry.deleteEnabled?',
      'registry.maxBlobBytes.a in berth.yaml is not a setting; did you mean registry.maxBlobBytes?',
      'openSignup in berth.yaml is not available in this version',
      'BERTH_PORT: expected a number from 0 to 65535, found "99999"',
      'BERTH_UPLOAD_TTL: expected a time such as 30s, 15m, 12h or 30d, found "soon"',
    ]);
  });

  test('every setting of the table is read', async () => {
    const env = Object.fromEntries(allSettings.map(({ name }) => [name, 'not UTF-8: \ufffd']));
    const named = (await problems({ env })).map((problem) => problem.split(':', 1)[0]);
    expect(named.sort()).toEqual(allSettings.map(({ name }) => name).sort());
  });

  test('one problem is one sentence', async () => {
    await expect(load({ env: { BERTH_PORT: 'x' } })).rejects.toThrow(
      'Berth cannot start: BERTH_PORT: expected a number from 0 to 65535, found "x".',
    );
    await expect(load({ env: { BERTH_PROT: '1' } })).rejects.toThrow(
      /BERTH_PROT is not a setting; did you mean BERTH_PORT\?$/,
    );
  });

  test.each(unavailable.map((row) => row.name))('%s is refused, because it would do nothing', async (name) => {
    expect(await problems({ env: { [name]: 'x' } })).toEqual([`${name} is not available in this version`]);
  });

  test("other programs' names for what does not exist yet are only noted", async () => {
    expect((await load({ env: { DATABASE_URL: 'postgres://x' } })).notes).toEqual([
      'DATABASE_URL has no effect: BERTH_DATABASE_URL is not available in this version',
    ]);
  });

  test('a file that is missing or no YAML is named', async () => {
    expect(await problems({ argv: ['--config', 'none.yaml'] })).toEqual([
      'the configuration file none.yaml cannot be read (ENOENT)',
    ]);
    const [message] = await problems({ argv: ['--config=a'], files: { a: 'a: b: c: "p4ss"' } });
    expect(message).toMatch(/^the configuration file a cannot be read \(.* at line 1, column \d+\)$/);
  });

  test.each([
    [['--prot=1'], '--prot is not an argument'],
    [['--password', 'hunter2'], 'a word without an option is not an argument'],
    [['--config'], '--config needs the name of a file'],
  ])('arguments %p', async (argv, message) => expect((await problems({ argv })).join()).toContain(message));

  test('what Kubernetes sets for a service named berth is nobody’s decision', async () => {
    const env = {
      BERTH_PORT: 'tcp://10.0.0.1:5000',
      BERTH_SERVICE_HOST: '10.0.0.1',
      BERTH_SERVICE_PORT_HTTP: '5000',
      BERTH_PORT_5000_TCP_ADDR: '10.0.0.1',
    };
    expect((await config({ env })).port).toBe(5000);
  });

  test('whatever an unknown name is, it stops the start', async () => {
    const known = new Set(allSettings.map((row) => row.name));
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Z]{1,20}$/), async (suffix) => {
        const name = `BERTH_${suffix}`;
        fc.pre(!known.has(name) && name !== 'BERTH_CONFIG');
        expect((await problems({ env: { [name]: 'x' } })).join()).toContain(name);
      }),
    );
  });
});
