import { Readable } from 'node:stream';

/**
 * Pieces as a stream. Destroying it ends their source at once, where `Readable.from` would wait for the piece that is under way,
 * which may never come.
 */
export class BlobStream extends Readable {
  /** @param end ends what the pieces come from; called once, however the stream ends */
  constructor(
    private readonly pieces: AsyncGenerator<Buffer>,
    private readonly end: () => void,
  ) {
    super();
  }

  override _read(): void {
    this.pieces.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.end();
    this.pieces.return(undefined).catch(() => undefined); // what is under way was just ended
    done(error);
  }
}
