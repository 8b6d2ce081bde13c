import { Injectable } from '@nestjs/common';
import { anonymousIdentity } from '../auth/identity.js';
import { Images } from '../images/images.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { isRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import { BlobStore } from '../storage/blob-store.js';
import type { RepositoryCall } from './call.js';
import { Gate, tokenAllows } from './gate.js';

/** Most repositories looked at for somebody who names no source. */
const mostSources = 20;

/** Cross-repository mounts: distribution-spec "Mounting a blob from another repository". */
@Injectable()
export class Mounts {
  constructor(
    private readonly images: Images,
    private readonly blobs: BlobStore,
    private readonly gate: Gate,
  ) {}

  /**
   * The digest that was mounted as the query asks, or undefined: then the bytes have to be pushed, whatever the reason,
   * and nobody learns which. Throws INSUFFICIENT_SCOPE when the blob is in the source they named, they may read it, not
   * everybody may, and only the token does not say so.
   */
  async mount(call: RepositoryCall, query: URLSearchParams): Promise<Digest | undefined> {
    const digest = query.get('mount');
    if (digest === null || !isDigest(digest)) return undefined;
    const { repository } = call;
    for (const source of this.#sources(call, query.get('from'))) {
      // Of whoever it is by then: the second time within the transaction.
      const mayPull = () => this.gate.mayPull(call.identity, source);
      // First whether they may, then whether it is there: how long the answer takes says nothing of what they may not see.
      if ((await mayPull()) && (await this.#isThere(source, digest))) {
        // What anybody may read needs no token that says so: many a client asks for one of the target alone.
        if (!(await this.gate.mayPull(anonymousIdentity, source))) this.gate.requirePullScope(call.identity, source);
        const mounted = await this.images.mountBlob(repository, digest, source, call.identity.principal, mayPull);
        return mounted ? digest : undefined;
      }
    }
    return undefined;
  }

  /** Without a source those that the token speaks of: who else has the digest is nothing to look up for somebody who may not know. */
  #sources({ identity }: RepositoryCall, from: string | null): RepositoryName[] {
    if (from !== null) return isRepositoryName(from) ? [from] : [];
    const named = identity.access.flatMap(({ type, name }) =>
      type === 'repository' && isRepositoryName(name) && tokenAllows(identity, name, 'pull') ? [name] : [],
    );
    return named.slice(0, mostSources);
  }

  /** Whether the repository has the blob and the bytes are whole. */
  async #isThere(repository: RepositoryName, digest: Digest): Promise<boolean> {
    const blob = await this.images.findBlob(repository, digest);
    return blob !== undefined && (await this.blobs.stat(digest))?.size === blob.size;
  }
}
