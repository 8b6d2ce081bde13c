import type { IncomingMessage, ServerResponse } from 'node:http';
import { anonymousIdentity, type Identity } from '../auth/identity.js';
import type { RepositoryName } from '../oci/repository-name.js';

/** A request after parsing, as handlers get it: they do not look at its URL again. */
export class Call {
  #identity = anonymousIdentity;
  #again: (() => Promise<Identity>) | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** The query as it came, without the question mark. */
    readonly search: string,
  ) {}

  /** Nobody until {@link identify}, then as of the last {@link confirm}: an administrator may have become none by then. */
  get identity(): Identity {
    return this.#identity;
  }

  /** @param again asks everything that was asked when the request came once more, and says who it is by then; left out where nothing is changed */
  identify(identity: Identity, again?: () => Promise<Identity>): void {
    this.#identity = identity;
    this.#again = again;
  }

  /** Asks once more; throws as when the request came. Called before every write of a row, and by handlers before they keep what writes no row. */
  async confirm(): Promise<void> {
    if (this.#again !== undefined) this.#identity = await this.#again();
  }

  /** Parsed when asked for: pulls have no query. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }
}

/** A request whose path names a repository, which need not exist. */
export class RepositoryCall extends Call {
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
    readonly repository: RepositoryName,
  ) {
    super(request, response, search);
  }
}
