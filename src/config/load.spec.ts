import { config, load, problems } from '../../test/support/settings.js';
import { allSettings } from './settings.js';

const key = 'Zk3v9pQ1xN7cT5bW2mY8rL4hD6gJ0sFaEuIoKqHnXwM=';

test('a certificate needs its key and the key its certificate; both are relative to the directory', async () => {
  expect((await config({ env: { BERTH_TLS_CERT: 'a.crt', BERTH_TLS_KEY: '/etc/a.key' } })).tls).toEqual({
    certFile: '/srv/berth/a.crt',
    keyFile: '/etc/a.key',
  });
  expect(await problems({ env: { BERTH_TLS_CERT: 'a.crt' } })).toEqual([
    'BERTH_TLS_CERT needs BERTH_TLS_KEY beside it',
  ]);
  expect(await problems({ env: { BERTH_TLS_KEY: 'a.key' } })).toEqual(['BERTH_TLS_KEY needs BERTH_TLS_CERT beside it']);
});

test('without any setting the documented defaults hold', async () => {
  expect(await load({})).toEqual({
    notes: [],
    settings: allSettings.map(({ name, default: value, unset = 'not set' }) =>
      value ? { name, value, source: 'the default' } : { name, value: null, source: unset },
    ),
    config: {
      cors: {
        origins: [],
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        headers: [
          'Accept',
          'Authorization',
          'Cache-Control',
          'Content-Type',
          'If-Match',
          'If-None-Match',
          'Range',
          'X-CSRF-Token',
        ],
      },
      host: '0.0.0.0',
      port: 5000,
      publicUrl: undefined,
      trustedProxies: ['127.0.0.0/8', '::1/128'],
      dataDir: '/srv/berth/data',
      admin: { username: 'admin', password: undefined },
      secretKey: undefined,
      token: { service: 'berth', seconds: 300 },
      signIn: { failures: 10, windowMs: 300_000 },
      session: { idleMs: 43_200_000, lifeMs: 2_592_000_000 },
      log: { level: 'info', format: 'json' },
      readTimeoutMs: 60_000,
      writeTimeoutMs: 60_000,
      connectionsPerAddress: 2_048,
      webEnabled: true,
      registry: {
        maxBlobBytes: undefined,
        maxManifestBytes: 4_194_304,
        uploadsPerUser: 100,
        uploadsPerRobot: 1000,
        uploadBytesPerUser: 500 * 1024 ** 3,
        uploadBytes: 2 * 1024 ** 4,
        diskReserveBytes: undefined,
        uploadTtlMs: 86_400_000,
        deleteEnabled: true,
        sparseIndexes: false,
        layoutMirror: true,
      },
      audit: { days: 365 },
      scrub: { intervalMs: 30 * 86_400_000 },
      console: { timeZone: undefined, defaultLanguage: 'en', title: 'Berth' },
    },
  });
});

test('the result cannot be changed', async () => {
  const { registry, trustedProxies } = await config({});
  expect(Object.isFrozen(registry) && Object.isFrozen(trustedProxies)).toBe(true);
});

test('a terminal gets the pretty log unless json was asked for', async () => {
  expect((await config({ terminal: true })).log.format).toBe('pretty');
  expect((await config({ terminal: true, env: { BERTH_LOG_FORMAT: 'JSON' } })).log.format).toBe('json');
});

describe('sources', () => {
  const file =
    'port: 6000\nregistry:\n  deleteEnabled: no\n  maxBlobBytes: 64MiB\ntrustedProxies: [loopback, 10.0.0.0/8]\n';

  test('the environment wins over the file, the file over the defaults', async () => {
    const { port, host, registry, trustedProxies } = await config({
      env: { BERTH_CONFIG: 'berth.yaml', BERTH_PORT: '7000' },
      files: { 'berth.yaml': file },
    });
    expect({ port, host, deletes: registry.deleteEnabled, most: registry.maxBlobBytes }).toEqual({
      port: 7000,
      host: '0.0.0.0',
      deletes: false,
      most: 67_108_864,
    });
    expect(trustedProxies).toEqual(['127.0.0.0/8', '::1/128', '10.0.0.0/8']);
  });

  test.each([[['--config', 'a.yaml']], [['--config=a.yaml']]])('%p wins over BERTH_CONFIG', async (argv) => {
    const files = { 'a.yaml': 'port: 1', 'b.yaml': 'port: 2' };
    expect((await config({ argv, env: { BERTH_CONFIG: 'b.yaml' }, files })).port).toBe(1);
  });

  test('an empty value counts as not set', async () => {
    const files = { 'a.yaml': 'port: 6000\npublicUrl:\n' };
    expect(
      await config({ env: { BERTH_PORT: '', BERTH_PUBLIC_URL: ' ' }, argv: ['--config=a.yaml'], files }),
    ).toMatchObject({
      port: 6000,
      publicUrl: undefined,
    });
  });

  test('a word of the environment can take back a limit of the file', async () => {
    const given = { argv: ['--config=a'], files: { a: 'registry: {maxBlobBytes: 1GiB}' } };
    expect(
      (await config({ ...given, env: { BERTH_MAX_BLOB_BYTES: 'unlimited' } })).registry.maxBlobBytes,
    ).toBeUndefined();
  });

  test('every setting has the same meaning in both', async () => {
    for (const { name, key: path, default: text } of allSettings) {
      if (text === undefined) continue;
      const yaml = path.split('.').reduceRight((value, part) => `{${part}: ${value}}`, JSON.stringify(text));
      expect(await config({ argv: ['--config=a'], files: { a: yaml } })).toEqual(
        await config({ env: { [name]: text } }),
      );
    }
  });
});

describe('secrets', () => {
  test('come from a file as well, without the line end', async () => {
    const files = { '/run/key': `${key}\n`, '/run/password': ' correct horse \r\n' };
    const env = { BERTH_SECRET_KEY_FILE: '/run/key', BERTH_ADMIN_PASSWORD_FILE: '/run/password' };
    expect(await config({ env, files })).toMatchObject({ secretKey: key, admin: { password: ' correct horse ' } });
    const yaml = 'secretKeyFile: /run/key\nadmin: {passwordFile: /run/password}';
    expect(await config({ argv: ['--config=a'], files: { ...files, a: yaml } })).toMatchObject({ secretKey: key });
  });

  test('are never shown when they are wrong', async () => {
    expect(await problems({ env: { BERTH_SECRET_KEY: 'hunter2' } })).toEqual([
      'BERTH_SECRET_KEY: expected at least 32 bytes, for instance the output of "openssl rand -base64 32"',
    ]);
  });

  test('must come from one place', async () => {
    const env = { BERTH_SECRET_KEY: key, BERTH_SECRET_KEY_FILE: '/run/key' };
    expect(await problems({ env })).toEqual(['BERTH_SECRET_KEY and BERTH_SECRET_KEY_FILE are both set']);
  });

  test('in a file that is missing or empty stop the start', async () => {
    const env = { BERTH_SECRET_KEY_FILE: '/run/none', BERTH_ADMIN_PASSWORD_FILE: '/run/empty' };
    expect(await problems({ env, files: { '/run/empty': '\n' } })).toEqual([
      'BERTH_ADMIN_PASSWORD_FILE: the file it names is empty',
      'BERTH_SECRET_KEY_FILE: the file it names cannot be read (ENOENT)',
    ]);
  });
});

describe('aliases', () => {
  test('are read and named in a note', async () => {
    const { config, notes } = await load({ env: { PORT: '8080', REGISTRY_STORAGE_DELETE_ENABLED: 'false' } });
    expect(config).toMatchObject({ port: 8080, registry: { deleteEnabled: false } });
    expect(notes).toEqual([
      'PORT is read as BERTH_PORT, which is the name to prefer',
      'REGISTRY_STORAGE_DELETE_ENABLED is read as BERTH_DELETE_ENABLED, which is the name to prefer',
    ]);
  });

  test('give way to the proper name without a note', async () => {
    const { config, notes } = await load({ env: { PORT: '8080', BERTH_PORT: '9000' } });
    expect([config.port, notes]).toEqual([9000, []]);
  });

  test.each([
    [':5001', '0.0.0.0', 5001],
    ['127.0.0.1:5001', '127.0.0.1', 5001],
    ['[::1]:5001', '::1', 5001],
  ])('REGISTRY_HTTP_ADDR=%s is a host and a port', async (text, host, port) => {
    expect(await config({ env: { REGISTRY_HTTP_ADDR: text } })).toMatchObject({ host, port });
  });

  test.each(['true', 'express:*'])('DEBUG=%s sets the level only when it is a switch', async (DEBUG) => {
    expect((await config({ env: { DEBUG } })).log.level).toBe(DEBUG === 'true' ? 'debug' : 'info');
  });

  test('an address without a scheme is plain HTTP', async () => {
    expect((await config({ env: { REGISTRY_PUSH_HOST: '192.168.1.9:5000' } })).publicUrl?.origin).toBe(
      'http://192.168.1.9:5000',
    );
  });
});

describe('cross-origin requests', () => {
  const cors = async (env: Record<string, string>) => (await config({ env })).cors;

  test('are off', async () => expect((await cors({})).origins).toEqual([]));

  test('come from origins, written as people write them', async () => {
    const { origins, methods } = await cors({
      BERTH_CORS_ORIGINS: 'https://UI.example.com:443/, http://10.0.0.5:3000',
      BERTH_CORS_METHODS: 'GET,HEAD',
    });
    expect(origins).toEqual(['https://ui.example.com', 'http://10.0.0.5:3000']);
    expect(methods).toEqual(['GET', 'HEAD']);
    expect((await cors({ BERTH_CORS_ORIGINS: '*' })).origins).toEqual(['*']);
  });

  test.each([
    ['BERTH_CORS_ORIGINS', '*, https://ui.example.com', 'expected whole origins, or * alone'],
    ['BERTH_CORS_ORIGINS', 'null', 'expected an address such as'],
    ['BERTH_CORS_ORIGINS', 'https://ui.example.com/app', 'expected an address such as'],
    ['BERTH_CORS_ORIGINS', 'https://*.example.com', 'expected whole origins, or * alone'],
    ['BERTH_CORS_ORIGINS', 'ui.example.com', 'expected an address such as'],
    ['BERTH_CORS_ORIGINS', 'https://a.example,', 'expected an address such as'],
    ['BERTH_CORS_METHODS', 'GET, TRACE', 'expected methods out of'],
    ['BERTH_CORS_METHODS', '*', 'expected methods out of'],
    ['BERTH_CORS_HEADERS', 'Accept, X Y', 'expected names of headers'],
    ['BERTH_CORS_HEADERS', 'Accept\r\nSet-Cookie: a', 'expected names of headers'],
  ])('%s=%j is refused', async (name, text, message) => {
    expect(await problems({ env: { [name]: text } })).toEqual([expect.stringContaining(`${name}: ${message}`)]);
  });
});

describe('what programs write where there is no value', () => {
  const read = (text: string) => config({ env: { BERTH_CONFIG: 'a.yaml' }, files: { 'a.yaml': text } });

  test.each(['null', 'Null', 'NULL', '~', 'null # for now'])('"%s" is not set', async (nothing) => {
    const found = await read(
      `dataDir: ${nothing}\npublicUrl: ${nothing}\ntoken:\n  service: ${nothing}\nadmin:\n  password: ${nothing}\ncors:\n  origins: ${nothing}\n`,
    );
    expect(found).toEqual(await config({}));
  });

  test('in quotes it is a word', async () => {
    expect((await read('token:\n  service: "null"\nconsole:\n  title: \'~\'\n')).token.service).toBe('null');
    expect((await read('admin:\n  password: "null"\n')).admin.password).toBe('null');
  });

  test.each([
    'admin:',
    'admin: ~',
    'admin: null',
    'admin: {}',
    'admin:\n  # passwordFile: /run/secrets/pw',
    'admin: # all',
  ])('a group without a value is one of which nothing is set: %s', async (group) =>
    expect(await read(`${group}\nport: 5001\n`)).toEqual({ ...(await config({})), port: 5001 }),
  );

  test('in a list it is no entry', async () => {
    expect((await read('cors:\n  origins:\n    - https://a.example\n    -\n    - null\n')).cors.origins).toEqual([
      'https://a.example',
    ]);
  });

  test('a name that is no setting is told without a value too', async () => {
    const files = { 'a.yaml': 'admn:\nport:\nhost: ""\n' };
    expect(await problems({ env: { BERTH_CONFIG: 'a.yaml' }, files })).toEqual(['admn in a.yaml is not a setting']);
  });
});

test("the first administrator's names of the htpasswd image are read", async () => {
  const { config, notes } = await load({ env: { HTPASSWD_USERNAME: 'root', HTPASSWD_PASSWORD: 'a-long-secret' } });
  expect(config.admin).toEqual({ username: 'root', password: 'a-long-secret' });
  expect(notes.join()).toContain('HTPASSWD_PASSWORD is read as BERTH_ADMIN_PASSWORD');
  expect(notes.join()).not.toContain('a-long-secret');
});
