import type { Socket } from 'node:net';

/**
 * Calls `tell` after each write that leaves more in memory than Node thinks good. There is no event for that, and answers are
 * written in many places, so the one door through which they all leave is watched.
 */
export function onUnsent(socket: Socket, tell: () => void): void {
  const write: (...parts: unknown[]) => boolean = socket.write.bind(socket) as Socket['write'] as never;
  const watched = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const taken = write(chunk, encoding, callback);
    if (!taken) tell();
    return taken;
  };
  socket.write = watched as Socket['write']; // one function for its two signatures: what is passed on is what came
}
