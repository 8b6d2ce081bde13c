import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problems } from '../../test/support/settings.js';
import { loadConfig } from './load.js';
import { readPlainFile } from './plain-file.js';

/** Somebody wrote a password that YAML, or the command line, takes for something else. */
describe('a secret is never shown, dropped or replaced by a generated one', () => {
  const secret = 'Hunter2';

  test.each([
    'admin: {password: !Hunter2 }',
    'admin: {password: !Hunter2 x}',
    'admin:\n  password: !vault "Hunter2"',
    'admin:\n  password: !!int Hunter2',
    'admin:\n  password: !<tag:Hunter2> x',
    'admin:\n  password: *Hunter2',
    'admin:\n  password: &Hunter2',
    'admin:\n  password: &Hunter2 x',
    'x: &a Hunter2\nadmin:\n  password: *a',
    'admin: &a {password: Hunter2}\n<<: *a',
    'admin:\n  password: #Hunter2',
    'admin:\n  password: {Hunter2}',
    'admin:\n  password: {Hunter2: x}',
    'admin:\n  password: [Hunter2]',
    'admin:\n  password: Hunter2: x',
    'admin:\n  password: @Hunter2',
    'admin:\n  password: `Hunter2`',
    'admin:\n  password: "Hunter2',
    "admin:\n  password: 'Hunter2' x",
    'admin:\n  password: "Hunter2\\z"',
    'admin:\n  password: %Hunter2\n  password: Hunter2',
    'admin: {username: a, password:Hunter2}',
    'admin:\n\tpassword: Hunter2',
    'admin:\n  password:Hunter2',
    'admin: Hunter2',
    '- Hunter2',
    'Hunter2',
    '{? {password: Hunter2} : x}',
    'admin: {password: a}\n---\nadmin: {password: Hunter2}',
    '%Hunter2\n---\nadmin: {password: a}',
    'admin:\n  passwordFile: Hunter2',
    'admin: {password: Hunter2}\nadmin: {password: Hunter2}',
    'publicUrl: https://ann:Hunter2@registry.example.com',
    'corsOrigins: https://ann:Hunter2@registry.example.com',
    'secretKey: Hunter2',
    'upstream: {password: Hunter2}',
  ])('%j', async (yaml) => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const said = await problems({ argv: ['--config', 'a.yaml'], files: { 'a.yaml': yaml } });
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect([...said, ...warnings].join('\n')).not.toContain(secret);
    expect(warnings).toEqual([]);
  });

  test.each([[['Hunter2']], [['--password', 'Hunter2']], [['--password=Hunter2']], [['-pHunter2=x']], [['-pHunter2']]])(
    'on the command line: %j',
    async (argv) => expect((await problems({ argv })).join()).not.toContain(secret),
  );

  test('in NAME_FILE instead of NAME, or in an address', async () => {
    const env = {
      BERTH_ADMIN_PASSWORD_FILE: secret,
      BERTH_PUBLIC_URL: `https://ann:${secret}@registry`,
      BERTH_CORS_ORIGINS: `https://x,https://ann:p@ss:${secret}@registry`,
    };
    expect((await problems({ env })).join()).not.toContain(secret);
  });
});

test('a value that is not UTF-8 was lost on the way, and is not taken for what is left of it', async () => {
  const lost = Buffer.from('BERTH_TITLE=H\u00e4fen', 'latin1').toString('utf8').slice('BERTH_TITLE='.length);
  const env = {
    BERTH_TITLE: lost,
    HTPASSWD_PASSWORD: `${lost}-Hunter2`,
    BERTH_SECRET_KEY: `${lost}0123456789abcdefghijklmnopqrstuvw`,
  };
  expect([...(await problems({ env }))].sort()).toEqual([
    'BERTH_SECRET_KEY: expected text in UTF-8',
    `BERTH_TITLE: expected text in UTF-8, found "H\ufffdfen"`,
    'HTPASSWD_PASSWORD: expected text in UTF-8',
  ]);
});

test.each([
  'https:\\\\ann:Hunter2@registry.example.com',
  'https:ann:Hunter2@registry.example.com',
  'ann:Hunter2@registry.example.com',
  'https://ann:Hun/Hunter2@registry.example.com',
  `https://ann:Hunter2${'x'.repeat(200)}@registry.example.com`,
])('nor in what is hardly an address: %s', async (address) => {
  const said = await problems({ env: { BERTH_PUBLIC_URL: address, BERTH_CORS_ORIGINS: `https://a, ${address}` } });
  expect(said).toHaveLength(2);
  expect(said.join()).not.toContain('Hunter2');
});

test('nor is a key that somebody wrote where its file is to be named', async () => {
  const said = await problems({ env: { BERTH_TLS_KEY: '-----BEGIN PRIVATE KEY-----\nHunter2', BERTH_TLS_CERT: 'a' } });
  expect(said).toContain('BERTH_TLS_KEY: expected one line of text, found the text of a key or a certificate');
  expect(said.join()).not.toContain('Hunter2');
});

test('a file of settings that others can read is noted when a secret stands in it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-settings-'));
  const path = join(directory, 'a.yaml');
  const notes = async (text: string) => {
    await writeFile(path, text, { mode: 0o644 });
    const input = { env: {}, argv: ['--config', path], readFile: readPlainFile, cwd: directory, terminal: false };
    return (await loadConfig(input)).notes;
  };
  expect(await notes('port: 5001')).toEqual([]);
  expect(await notes('admin: {password: correct horse battery}')).toEqual([
    `${path} holds a secret, and it can be read by other users; run "chmod 600" on it`,
  ]);
  await rm(directory, { recursive: true });
});

describe('absurd values', () => {
  test('are refused, in few words that no terminal obeys', async () => {
    const env = {
      BERTH_HOST: 'x'.repeat(1_000_000),
      BERTH_TRUSTED_PROXIES: 'loopback,'.repeat(100_000),
      BERTH_CORS_ORIGINS: `https://a,${'b'.repeat(200_000)}`,
      BERTH_TITLE: 'a\u001b]0;x\u0007',
      BERTH_DATA_DIR: 'a\u0000b',
      BERTH_PORT: '5\u009b\u202e',
      BERTH_ADMIN_PASSWORD: 'x'.repeat(1_000_000),
    };
    const said = await problems({ env });
    expect(said).toHaveLength(Object.keys(env).length);
    for (const problem of said) {
      expect(problem.length).toBeLessThan(500);
      expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test('a huge name of a setting is cut, and compared with nothing', async () => {
    const name = 'x'.repeat(500_000);
    const [said = ''] = await problems({ argv: ['--config=a'], files: { a: `"${name}": 1` } });
    expect(said.length).toBeLessThan(300);
  });

  test.each(['x\u0000y', 'two\nlines', 'a\tb'])('a first password with control characters: %j', async (password) => {
    const said = await problems({ env: { BERTH_ADMIN_PASSWORD_FILE: 'p' }, files: { p: password } });
    expect(said).toEqual(['BERTH_ADMIN_PASSWORD_FILE: expected one line of text']);
  });
});
