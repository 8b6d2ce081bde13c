import { Failure } from '../../errors/failure.js';

/** A signal that is aborted with the asker's, or with REMOTE_TIMEOUT when the time is over. Who makes one ends it. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #follow = (): void => this.#controller.abort(this.asker?.reason);

  constructor(
    ms: number,
    host: string,
    private readonly asker: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => {
      const message = `${host}: not done within ${ms / 1000} seconds`;
      this.#controller.abort(new Failure('REMOTE_TIMEOUT', { message }));
    }, ms);
    asker?.addEventListener('abort', this.#follow, { once: true });
    if (asker?.aborted) this.#follow();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @param reason given when what it was for is to end too */
  end(reason?: Error): void {
    clearTimeout(this.#timer);
    this.asker?.removeEventListener('abort', this.#follow);
    if (reason !== undefined) this.#controller.abort(reason);
  }
}
