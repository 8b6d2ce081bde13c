import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../auth/identity.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** An authorized request on its way through a handler. */
export class Call {
  #identity: Identity;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    identity: Identity,
    /** Empty on the routes without a repository, whose handlers do not ask. */
    readonly repository: RepositoryName,
    private readonly search: string,
    /** Asks all that was asked when the request came once more, and says who it is by then. None where nothing is changed. */
    private readonly again?: () => Promise<Identity>,
  ) {
    this.#identity = identity;
  }

  /** As of the last {@link confirm}: whoever was an administrator when the request came may be none by then. */
  get identity(): Identity {
    return this.#identity;
  }

  /** Asks once more; throws as when the request came. Before every write of a row, and for what is about to be done that writes none. */
  async confirm(): Promise<void> {
    if (this.again !== undefined) this.#identity = await this.again();
  }

  /** Parsed when asked for: pulls have no query. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }
}

/** What a handler is given besides the call: a reference, a digest, a session id, or nothing. */
export type Handler<Target> = (call: Call, target: Target) => void | Promise<void>;

/** Goes on at once with a value that is there, and later with a promised one. */
export function whenReady<T>(value: T | Promise<T>, next: (value: T) => void | Promise<void>): void | Promise<void> {
  return value instanceof Promise ? value.then(next) : next(value);
}
