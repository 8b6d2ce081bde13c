import { isTransfer } from '../distribution/body-pace.js';
import type { Connection } from './connection.js';

/**
 * What is lost with a connection, from nothing on: nothing was answered on it yet, or it brings the body of a small request; it rests
 * between two requests; its answer is under way. Layers on their way are not for sale, and nothing of the administrator's is.
 */
function worth(connection: Connection): 0 | 1 | 2 | undefined {
  connection.forgetAnswered();
  const { request, response, completed, isPrivate } = connection;
  if (isPrivate) return undefined;
  if (request === undefined) return completed ? 1 : 0;
  if (isTransfer(request) && !response?.writableFinished) return undefined;
  return completed && request.complete ? 2 : 0;
}

/** Up to `count` connections that may go when there is no room, those that are worth least first, of these the oldest. */
export function dispensable(connections: Iterable<Connection>, count: number): Connection[] {
  if (count <= 0) return [];
  const ranks: [Connection[], Connection[], Connection[]] = [[], [], []];
  // They come in the order in which they were accepted.
  for (const connection of connections) {
    const rank = worth(connection);
    if (rank !== undefined) ranks[rank].push(connection);
  }
  return ranks.flat().slice(0, count);
}
