import type { Readable } from 'node:stream';
import { Failure } from '../errors/failure.js';
import type { AppendOptions } from './upload-spool.js';

/** RANGE_INVALID when the writer continues at another offset than the upload has. */
export function checkOffset(size: number, { expectedOffset }: AppendOptions): void {
  if (expectedOffset !== undefined && expectedOffset !== size) {
    throw new Failure('RANGE_INVALID', { message: `the upload has ${size} bytes`, detail: { offset: size } });
  }
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
    if (expectedBytes !== undefined && this.#bytes > expectedBytes) {
      throw wrongSize(expectedBytes);
    }
    if (maxSize !== undefined && this.offset + this.#bytes > maxSize) {
      throw new Failure('BLOB_TOO_LARGE', { detail: { maxSize } });
    }
  }

  /** Throws SIZE_INVALID when fewer bytes came than announced. */
  checkComplete(): void {
    const { expectedBytes } = this.options;
    if (expectedBytes !== undefined && this.#bytes !== expectedBytes) {
      throw wrongSize(expectedBytes);
    }
  }
}

/** Hands on chunks until the source ends, or answers why it broke off. Throws when the bytes are not as announced. */
export async function collect(
  source: Readable,
  received: ReceivedBytes,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    // The source stays open when we stop early: it is a request whose answer still has to go out.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received.add(chunk.length);
      await take(chunk);
    }
    received.checkComplete();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) {
      throw error;
    }
    return { error };
  }
}

function wrongSize(expectedBytes: number): Failure {
  return new Failure('SIZE_INVALID', { message: `the request announced ${expectedBytes} bytes` });
}
