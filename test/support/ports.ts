import { createServer } from 'node:net';

/** A port of the loopback that was free a moment ago, for programs that cannot choose one and say so. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Thrown inside `until` when waiting has become pointless, as when the program that was waited for has ended. */
export class Hopeless extends Error {}

/** Calls `ready` until it holds, for programs that announce nothing; rejects when the time is over, with the last reason. */
export async function until(
  what: string,
  ready: () => Promise<boolean>,
  timeoutMs = 60_000,
  everyMs = 20,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let reason: unknown = 'not ready';
  for (;;) {
    try {
      if (await ready()) return;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
