import { bodyLength, bodyPace, smallPace } from '../registry/http/body.js';
import type { Connection } from './connection.js';

/** Tells which bodies come too slowly, by looking now and then at what a connection has brought. */
export class BodyClock {
  /** @param longestSilence milliseconds */
  constructor(private readonly longestSilence: number) {}

  /** Whether the client has been silent for too long, or has had its time for a body of this kind. */
  isOver(connection: Connection, now: number): boolean {
    const { request, response, socket } = connection;
    if (request === undefined || request.complete || bodyLength(request.headers) === 0) return false;
    if (connection.body?.request !== request) {
      const before = socket.bytesRead;
      connection.body = { request, startedAt: now, before, received: 0, receivedAt: now };
      return false;
    }
    const { body } = connection;
    const received = socket.bytesRead - body.before;
    // While it is we who do not read, the client may not be blamed.
    if (received !== body.received || request.readableLength >= request.readableHighWaterMark) {
      body.received = received;
      body.receivedAt = now;
    }
    if (now - body.receivedAt > this.longestSilence) return true;
    // Who answers before the end wants no more of it.
    const pace = response?.headersSent ? smallPace : bodyPace(request);
    return pace !== undefined && now - body.startedAt > pace.ms + (received / pace.bytesPerSecond) * 1_000;
  }
}
