import { finished, type Readable } from 'node:stream';
import { Failure } from '../errors/failure.js';
import type { AppendOptions } from './upload-spool.js';

/** RANGE_INVALID when the writer continues at another offset than the upload has. */
export function checkOffset(size: number, { expectedOffset }: AppendOptions): void {
  if (expectedOffset !== undefined && expectedOffset !== size)
    throw new Failure('RANGE_INVALID', { message: `the upload has ${size} bytes`, detail: { offset: size } });
}

/** Counts what one append brings and holds it against what was announced and allowed. */
export class ReceivedBytes {
  #bytes = 0;

  constructor(
    private readonly offset: number,
    private readonly options: AppendOptions,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws SIZE_INVALID or BLOB_TOO_LARGE when these bytes are too many. */
  add(bytes: number): void {
    this.#bytes += bytes;
    const { expectedBytes, maxSize } = this.options;
    if (expectedBytes !== undefined && this.#bytes > expectedBytes) throw wrongSize(expectedBytes);
    if (maxSize !== undefined && this.offset + this.#bytes > maxSize)
      throw new Failure('BLOB_TOO_LARGE', { detail: { maxSize } });
  }

  /** Throws SIZE_INVALID when fewer bytes came than announced. */
  checkComplete(): void {
    const { expectedBytes } = this.options;
    if (expectedBytes !== undefined && this.#bytes !== expectedBytes) throw wrongSize(expectedBytes);
  }
}

/** Whose bytes they are. */
export interface Receiver {
  /** Gets what ends this before the source does: `end` rejects with that failure, and nothing is taken any more. */
  endedBy(end: (failure: Failure) => void): void;
  /** Hears at once when nothing more will come; perhaps twice. */
  over(): void;
}

/**
 * Hands on chunks until the source ends, or answers why it broke off. Rejects when the bytes are not as announced or `take`
 * does; the source stays open then, since it is a request whose answer still has to go out. Events rather than an iterator,
 * which costs a few promises for each chunk.
 *
 * @param take answers undefined when it can take the next chunk at once
 */
export async function collect(
  source: Readable,
  received: ReceivedBytes,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
  receiver: Receiver,
): Promise<{ readonly error: unknown } | undefined> {
  /** What the last chunk is waiting for. */
  let taking: Promise<void> | undefined;
  let onData: ((chunk: Buffer) => void) | undefined;
  try {
    const broken = await new Promise<{ readonly error: unknown } | undefined>((resolve, reject) => {
      onData = (chunk) => {
        try {
          received.add(chunk.length);
          taking = take(chunk);
        } catch (error) {
          return reject(error);
        }
        if (taking !== undefined) {
          source.pause();
          taking.then(() => source.resume(), reject);
        }
      };
      receiver.endedBy(reject);
      source.on('data', onData);
      finished(source, { writable: false }, (error) => {
        receiver.over();
        resolve(error ? { error } : undefined);
      });
    });
    await taking;
    if (broken === undefined) {
      received.checkComplete();
    }
    return broken;
  } finally {
    receiver.over();
    if (onData) source.off('data', onData);
    // Whoever has to undo something needs it done first.
    await taking?.catch(() => undefined);
    source.pause();
  }
}

function wrongSize(expectedBytes: number): Failure {
  return new Failure('SIZE_INVALID', { message: `the request announced ${expectedBytes} bytes` });
}
