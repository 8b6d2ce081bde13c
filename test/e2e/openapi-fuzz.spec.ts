import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Berth, startBerth } from '../support/berth.js';
import { run } from '../support/child.js';
import { buildImage } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** They can end the session that asks, so they get one of their own, at the end. */
const endingSessions = '/auth/(login|logout|password|sessions(/\\{id\\})?)$|/password-reset$|/tokens/\\{id\\}$';

// The command is `schemathesis` of the Python package of that name (.ci/run installs it).
requireTool('schemathesis')('schemathesis', () => {
  let berth: Berth;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'berth-fuzz-'));
    berth = await startBerth({ env: { BERTH_LOGIN_FAILURES: '100000' } });
    await berth.api('POST', '/api/v1/users', { username: 'ann', role: 'user' });
    await berth.api('POST', '/api/v1/groups', { name: 'crew' });
    await berth.api('POST', '/api/v1/robots', { namespace: 'team', name: 'ci' });
    const registry = await RegistryClient.open(berth.url, berth.admin);
    await registry.push('team/app', '1.28.3', buildImage({ seed: 'fuzz', layers: [100] }));
  });

  afterAll(async () => {
    await berth.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const fuzz = async (...more: string[]) => {
    const options = [
      ...['--checks', checks.join(','), '--phases', 'examples,coverage,fuzzing', '--max-examples', '6'],
      ...['--seed', '1', '--generation-database', 'none', '--continue-on-failure', '--no-color'],
    ];
    const done = await run('schemathesis', ['run', `${berth.url}/api/openapi.json`, ...options, ...more], {
      cwd: directory,
      timeoutMs: 400_000,
    });
    const [, cases] = /^\s*(\d+) generated, \1 passed$/m.exec(done.stdout) ?? [];
    const [, operations] = /^\s*Tested: (\d+)$/m.exec(done.stdout) ?? [];
    return { report: done.code === 0 ? '' : done.stdout, cases: Number(cases), operations: Number(operations) };
  };

  it('finds no fault and no answer that is not described', async () => {
    const token = await berth.signIn('admin', berth.admin.password);
    const header = `Authorization: Bearer ${token}`;
    const signedIn = await fuzz('--header', header, '--exclude-path-regex', endingSessions);
    expect(signedIn.report).toBe('');
    expect(signedIn.operations).toBeGreaterThan(45);
    expect(signedIn.cases).toBeGreaterThan(1000);
    expect((await berth.api('GET', '/api/v1/auth/me', undefined, token)).status).toBe(200);
  }, 600_000);

  it('finds none in what ends sessions either', async () => {
    const header = `Authorization: Bearer ${await berth.signIn('admin', berth.admin.password)}`;
    const ended = await fuzz('--header', header, '--include-path-regex', endingSessions);
    expect(ended).toMatchObject({ report: '', operations: 9 });
  }, 600_000);
});
