import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { basic } from '../../support/http.js';
import { type Attack, ask, dial, repeat, writeWithoutReading } from './connection.js';
import { attackers, type SiegePlan } from './plan.js';

type Run = (plan: SiegePlan, attack: Attack) => Promise<void>;

const realm = (scope: string) => `/token?service=berth&scope=${encodeURIComponent(scope)}`;

/** What a stranger, a user without rights, and one who may push to his own repository can do, each by name. */
export const attacks: Readonly<Record<string, Run>> = {
  'answers that nobody reads': async (_plan, attack) => {
    const one = 'GET /api/openapi.json HTTP/1.1\r\nHost: berth\r\n\r\n';
    await writeWithoutReading(attack, 10, one.repeat(Math.ceil(600_000 / one.length)));
  },
  'manifests and details that nobody reads': async (plan, attack) => {
    const headers = `Host: berth\r\nAuthorization: ${basic(plan.pusher.username, plan.pusher.password)}\r\n`;
    const paths = ['/v2/NAME/manifests/t0', `/api/v1/repositories/${encodeURIComponent(plan.repository)}/tags`];
    const text = paths
      .map((path) => `GET ${path.replace('NAME', plan.repository)} HTTP/1.1\r\n${headers}\r\n`)
      .join('');
    await writeWithoutReading(attack, 10, text.repeat(500));
  },
  'bodies that never end': async (_plan, attack) => {
    const work = async (round: number) => {
      const socket = await dial(attack, true);
      if (socket === undefined) return;
      const paths = ['/api/v1/auth/login', '/token', '/sign-in'];
      const type = round % 3 === 0 ? 'application/json' : 'application/x-www-form-urlencoded';
      const head = `POST ${paths[round % 3]} HTTP/1.1\r\nHost: berth\r\nContent-Type: ${type}\r\nContent-Length: 60000\r\n\r\n`;
      socket.write(head);
      const drip = setInterval(() => socket.write(' '), 1_000);
      await once(socket, 'close');
      clearInterval(drip);
    };
    await repeat(attack, 60, work, 0);
  },
  'sign-ins by made-up names': async (_plan, attack) => {
    await repeat(attack, 19, async () => {
      const authorization = basic(randomBytes(6).toString('hex'), 'wrong');
      await ask(attack, realm('repository:a/b:pull'), { headers: { authorization } });
    });
  },
  'guesses for one name, many at once': async (_plan, attack) => {
    await repeat(attack, 1, async () => {
      const guess = () =>
        ask(attack, '/token?service=berth', {
          headers: { authorization: basic('admin', randomBytes(8).toString('hex')) },
        });
      await Promise.allSettled(Array.from({ length: 240 }, guess));
    });
  },
  'lists and pages of thousands of platforms': async (plan, attack) => {
    const session = await signIn(plan, attack);
    const repository = encodeURIComponent(plan.repository);
    const paths = [
      `/api/v1/repositories/${repository}/tags?limit=100`,
      `/api/v1/repositories/${repository}/tags?limit=100&sort=-size`,
      `/v2/${plan.repository}/tags/list`,
      `/api/v1/repositories?sort=-size`,
    ];
    await repeat(attack, 6, (round) =>
      ask(attack, paths[round % paths.length] ?? '/', { headers: { authorization: `Bearer ${session}` } }),
    );
  },
  'the same document rendered again and again': async (_plan, attack) => {
    await repeat(attack, 6, () => ask(attack, '/api/openapi.yaml'));
  },
  'made-up repositories': async (plan, attack) => {
    const authorization = basic(plan.stranger.username, plan.stranger.password);
    await repeat(attack, 4, async () => {
      const socket = await dial(attack, true);
      if (socket === undefined) return;
      const name = () => `x${randomBytes(6).toString('hex')}/y`;
      const lines = Array.from(
        { length: 10 },
        () => `GET /v2/${name()}/manifests/v1 HTTP/1.1\r\nHost: berth\r\nAuthorization: ${authorization}\r\n\r\n`,
      );
      socket.write(lines.join(''));
      await delay(200, undefined, { signal: attack.over }).catch(() => undefined);
      socket.destroy();
    });
  },
  'sessions without end': async (plan, attack) => {
    await repeat(attack, 4, () => signIn(plan, attack));
  },
  'uploads without end': async (plan, attack) => {
    const headers = `Host: berth\r\nAuthorization: ${basic(plan.pusher.username, plan.pusher.password)}\r\n`;
    const one = `POST /v2/${plan.repository}/blobs/uploads/ HTTP/1.1\r\n${headers}Content-Length: 0\r\n\r\n`;
    await repeat(attack, 2, async () => {
      const socket = await dial(attack, true);
      if (socket === undefined) return;
      socket.write(one.repeat(200));
      await delay(1_000, undefined, { signal: attack.over }).catch(() => undefined);
      socket.destroy();
    });
  },
  'manifests without end': async (plan, attack) => {
    const authorization = basic(plan.pusher.username, plan.pusher.password);
    const most = Buffer.alloc(4_000_000, ' ');
    const work = async (round: number) => {
      const socket = await dial(attack, true);
      if (socket === undefined) return;
      socket.write(
        `PUT /v2/${plan.repository}/manifests/m${round} HTTP/1.1\r\nHost: berth\r\nAuthorization: ${authorization}\r\n` +
          `Content-Type: application/vnd.oci.image.manifest.v1+json\r\nContent-Length: ${most.length + 100}\r\n\r\n`,
      );
      socket.write(most);
      await Promise.race([
        once(socket, 'close'),
        delay(20_000, undefined, { signal: attack.over }).catch(() => undefined),
      ]);
      socket.destroy();
    };
    await repeat(attack, 150, work, 0);
  },
  'searches without end': async (plan, attack) => {
    const authorization = `Bearer ${await signIn(plan, attack)}`;
    await repeat(attack, 20, () => ask(attack, '/api/v1/stats', { headers: { authorization } }));
  },
};

/** What is not an attack on its own, but for how many do it: too many for a machine that also makes all the others. */
const floods: Readonly<Record<string, Run>> = {
  'large heads': (_plan, attack) => {
    const lines = Array.from({ length: 900 }, (_, index) => `x${index}: ${index}\r\n`).join('');
    return flood(attack, 1_500, `GET /v2/ HTTP/1.1\r\nHost: berth\r\n${lines}\r\n`);
  },
  'large heads, sixteen at a time': (_plan, attack) => {
    const lines = Array.from({ length: 900 }, (_, index) => `x${index}: ${index}\r\n`).join('');
    return flood(attack, 1_000, `GET /v2/ HTTP/1.1\r\nHost: berth\r\n${lines}\r\n`.repeat(16));
  },
  'large tokens, sixteen at a time': (_plan, attack) => {
    const one = `GET /v2/ HTTP/1.1\r\nHost: berth\r\nAuthorization: Bearer ${'x'.repeat(15_500)}\r\n\r\n`;
    return flood(attack, 1_000, one.repeat(16));
  },
  'large passwords': (_plan, attack) => {
    const body = JSON.stringify({ username: 'x', password: 'p'.repeat(90_000) });
    const head = `POST /api/v1/auth/login HTTP/1.1\r\nHost: berth\r\nContent-Type: application/json\r\n`;
    return flood(attack, 500, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  },
};

/** Sends the same on each connection, and again on a new one once something was answered. */
async function flood(attack: Attack, connections: number, text: string): Promise<void> {
  const work = async () => {
    const socket = await dial(attack);
    if (socket === undefined) return;
    socket.write(text);
    socket.resume();
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    socket.destroy();
  };
  await repeat(attack, connections, work, 0);
}

async function signIn({ pusher }: SiegePlan, attack: Attack): Promise<string> {
  const body = JSON.stringify(pusher);
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(attack, '/api/v1/auth/login', { method: 'POST', headers, body });
  return answer.status === 200 ? JSON.parse(answer.body).accessToken : '';
}

/** Every attack at once, from different addresses, until the time is over; when there are `names`, those, floods too. */
export async function layWaste(plan: SiegePlan, names: readonly string[] = []): Promise<void> {
  const end = new AbortController();
  const over = end.signal;
  setTimeout(() => end.abort(), plan.seconds * 1_000); // keeps the process alive, as AbortSignal.timeout would not
  const url = new URL(plan.url);
  const named = Object.entries({ ...attacks, ...floods }).filter(([name]) => names.includes(name));
  const chosen = names.length === 0 ? Object.entries(attacks) : named;
  const running = chosen.map(([, run], index) =>
    run(plan, { url, over, address: attackers[index % attackers.length] ?? attackers[0] }),
  );
  await Promise.allSettled(running);
}
