import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Until when an attack goes on, and from which address it comes. */
export interface Attack {
  readonly url: URL;
  readonly address: string;
  readonly over: AbortSignal;
}

/** A connection of which nothing is read, unless `read`; undefined when the server takes none. */
export async function dial({ url, address, over }: Attack, read = false): Promise<Socket | undefined> {
  const socket = connect({ host: url.hostname, port: Number(url.port), localAddress: address });
  const end = () => socket.destroy();
  socket.on('error', () => undefined);
  socket.once('close', () => over.removeEventListener('abort', end));
  over.addEventListener('abort', end);
  if (read) socket.resume();
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket.destroyed ? undefined : socket;
}

/** Writes the same again and again on connections that never read; each is dialled anew when it is cut. */
export async function writeWithoutReading(attack: Attack, connections: number, text: string): Promise<void> {
  const work = async () => {
    const socket = await dial(attack);
    if (socket === undefined) return;
    socket.write(text);
    await once(socket, 'close');
  };
  await repeat(attack, connections, work, 0);
}

/** Runs `work` over and over in as many loops; a breath of so many milliseconds between two rounds leaves some processor. */
export async function repeat(
  attack: Attack,
  loops: number,
  work: (round: number) => Promise<unknown>,
  breath = 100,
): Promise<void> {
  let round = 0;
  const loop = async () => {
    while (!attack.over.aborted) {
      await work(round++).catch(() => undefined); // being refused and cut off is what attackers expect
      await delay(breath, undefined, { signal: attack.over }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
}

export interface Asked {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

/** One request from the attacker's address. */
export function ask(
  { url, address, over }: Attack,
  path: string,
  question: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = question;
    const outgoing = request({
      ...{ hostname: url.hostname, port: url.port, path, method, localAddress: address, agent: false, signal: over },
      headers: { ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          location: incoming.headers.location,
        }),
      );
    });
    outgoing.end(body);
  });
}
