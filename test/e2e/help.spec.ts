import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';

/** What the help page says about plain HTTP depends on the address it was opened by. */
let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth.stop());

async function help(headers: Record<string, string>): Promise<string> {
  const answer = await send(berth.url, '/help', { headers });
  expect(answer.status).toBe(200);
  return answer.body.toString();
}

const port = () => new URL(berth.url).port;
const docker = 'daemon.json';
const podman = 'registries.conf';

test.each(['localhost', '127.0.0.1', '127.8.9.1'])('docker needs no setting for %s, podman does', async (host) => {
  const page = await help({ host: `${host}:${port()}` });
  expect(page).toContain('speak plain HTTP to localhost and 127.0.0.1 without being told');
  expect([page.includes(docker), page.includes(podman)]).toEqual([false, true]);
  expect(page).not.toContain('Docker has to be told so once');
});

test.each(['192.168.1.10', 'berth.lan', '127.0.0.1.example', 'localhost.example'])(
  'docker and podman need one for %s',
  async (host) => {
    const page = await help({ host: `${host}:${port()}` });
    expect([page.includes(docker), page.includes(podman)]).toEqual([true, true]);
    expect(page).toContain('Docker has to be told so once');
    expect(page).toContain(`${host}:${port()}`);
  },
);

test('nobody needs one for HTTPS', async () => {
  const page = await help({ host: 'localhost', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost' });
  expect([page.includes(docker), page.includes(podman)]).toEqual([false, false]);
});

test('over HTTPS, where a certificate of an authority of one’s own goes', async () => {
  const page = await help({ host: 'localhost', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'berth.lan:5443' });
  expect(page).toContain('/etc/docker/certs.d/berth.lan:5443/ca.crt');
  expect(await help({ host: `berth.lan:${port()}` })).not.toContain('certs.d/berth.lan');
});

test('the same is said in Chinese', async () => {
  const page = await help({ host: `localhost:${port()}`, 'accept-language': 'zh-CN' });
  expect(page).toContain('访问 localhost 和 127.0.0.1 时直接使用 HTTP，无需设置');
});
