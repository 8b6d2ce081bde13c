import type { IncomingMessage } from 'node:http';
import { bodyPace } from '../distribution/body-pace.js';
import { bodyLength, smallPace } from '../http/body.js';
import type { Connection } from './connection.js';

/** Tells which bodies come too slowly, by looking now and then at what a connection has brought. */
export class BodyClock {
  /**
   * @param longestSilence milliseconds
   * @param waits whether we make the body wait for its turn to be read
   */
  constructor(
    private readonly longestSilence: number,
    private readonly waits: (request: IncomingMessage) => boolean,
  ) {}

  /** Whether the client has been silent for too long, or has had its time for a body of this kind. */
  isOver(connection: Connection, now: number): boolean {
    const { request, response, socket } = connection;
    if (request === undefined || request.complete || bodyLength(request.headers) === 0) return false;
    if (connection.body?.request !== request) {
      const before = socket.bytesRead;
      connection.body = { request, startedAt: now, before, received: 0, receivedAt: now, seenAt: now };
      return false;
    }
    const { body } = connection;
    const received = socket.bytesRead - body.before;
    // While it is we who do not read, the client may not be blamed.
    const waits = this.waits(request);
    if (waits) body.startedAt += now - body.seenAt;
    if (waits || received !== body.received || request.readableLength >= request.readableHighWaterMark) {
      body.received = received;
      body.receivedAt = now;
    }
    body.seenAt = now;
    if (now - body.receivedAt > this.longestSilence) return true;
    // Who answers before the end wants no more of it.
    const pace = response?.headersSent ? smallPace : bodyPace(request);
    return pace !== undefined && now - body.startedAt > pace.ms + (received / pace.bytesPerSecond) * 1_000;
  }
}
