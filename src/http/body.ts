import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Failure } from '../errors/failure.js';
import { GatheredBytes } from '../storage/gathered-bytes.js';
import { release } from '../storage/release.js';
import type { HeldBodies } from './held-bodies.js';

/** The announced length in bytes; undefined for a chunked body. */
export function bodyLength(headers: IncomingHttpHeaders): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return bodyLength(headers) !== 0;
}

/** What the stream of a request may hold of its body before we take it. */
const pieceBytes = 64 * 1024;

/** How a whole body is read. */
export interface ReadOptions {
  /** Whose memory it takes: an account or an address. */
  readonly holder: string;
  /** Bytes. */
  readonly limit: number;
  readonly tooLarge: () => Failure;
}

/**
 * Reads the whole body and hands it to `use`; it counts as held until that is done, and is not there any longer then. Stops reading as soon as it is longer than the
 * limit, or does not start when it says so, and throws what `tooLarge` makes; TOO_MANY_REQUESTS when it has to make room.
 * The request stays open when we stop early: its answer still has to go out.
 */
export async function withBody<T>(
  request: IncomingMessage,
  held: HeldBodies,
  { holder, limit, tooLarge }: ReadOptions,
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const announced = bodyLength(request.headers);
  if ((announced ?? 0) > limit) throw tooLarge();
  let refuse: (error: Error) => void = () => undefined;
  let take: (chunk: Buffer) => void = () => undefined;
  const bytes = new GatheredBytes(announced);
  const room = held.open(holder, (failure) => refuse(failure));
  let body: Buffer | undefined;
  try {
    body = await new Promise<Buffer>((resolve, reject) => {
      const gone = () => reject(new Error('the client went away'));
      refuse = reject;
      room.add(Math.min(pieceBytes, announced ?? pieceBytes));
      request.once('end', () => {
        request.off('close', gone); // it comes after every request, and to make an error takes longer than to read a form
        resolve(bytes.take());
      });
      request.once('error', reject);
      request.once('close', gone);
      if (request.destroyed) gone();
      take = (chunk) => {
        if (bytes.length + chunk.length > limit) {
          reject(tooLarge());
          return;
        }
        bytes.add(chunk);
        room.add(chunk.length);
      };
      request.on('data', take);
    });
    room.isRead();
    return await use(body);
  } finally {
    request.off('data', take);
    bytes.clear(); // the request, which holds on to our listeners, may live on for a while
    if (body !== undefined) release(body);
    room.close();
  }
}

/** How slowly a body may come: `ms` for all of it, and longer by what it brings at this rate. */
export interface Pace {
  readonly ms: number;
  readonly bytesPerSecond: number;
}

/** Whether a body follows the head of this request (RFC 9112, section 6.3). */
export function bringsBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** For bodies that are read whole: a few KiB that a person or a program typed. */
export const smallPace: Pace = { ms: 30_000, bytesPerSecond: 4096 };
