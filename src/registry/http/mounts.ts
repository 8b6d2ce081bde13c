import { Injectable } from '@nestjs/common';
import { Images } from '../../images/images.js';
import { type Digest, isDigest } from '../../oci/digest.js';
import { isRepositoryName, type RepositoryName } from '../../oci/repository-name.js';
import { BlobStore } from '../../storage/blob-store.js';
import type { Call } from './call.js';
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
   * and nobody learns which. Throws INSUFFICIENT_SCOPE when whoever asks may read the source they named and only the token does
   * not say so.
   */
  async mount(call: Call, query: URLSearchParams): Promise<Digest | undefined> {
    const digest = query.get('mount');
    if (digest === null || !isDigest(digest)) {
      return undefined;
    }
    for (const source of await this.sources(call, digest, query.get('from'))) {
      if ((await this.isThere(source, digest)) && (await this.gate.mayPull(call.identity, source))) {
        const mounted = await this.images.mountBlob(call.repository, digest, source, call.identity.principal);
        return mounted ? digest : undefined;
      }
    }
    return undefined;
  }

  private async sources({ identity }: Call, digest: Digest, from: string | null): Promise<RepositoryName[]> {
    if (from !== null) {
      return isRepositoryName(from) ? [from] : [];
    }
    // Of a repository that nobody named no better token is asked for.
    const holders = await this.images.listHolders(digest, mostSources);
    return holders.filter((holder) => tokenAllows(identity, holder, 'pull'));
  }

  /** Whether the repository has the blob and the bytes are whole. */
  private async isThere(repository: RepositoryName, digest: Digest): Promise<boolean> {
    const blob = await this.images.findBlob(repository, digest);
    return blob !== undefined && (await this.blobs.stat(digest))?.size === blob.size;
  }
}
