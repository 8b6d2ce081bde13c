import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { andThen } from '../async/maybe-async.js';
import { Mutex } from '../async/mutex.js';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { Failure, isFailure } from '../errors/failure.js';
import { withBody } from '../http/body.js';
import { sourceOf } from '../http/change-origin.js';
import { HeldBodies } from '../http/held-bodies.js';
import { sendAtOnce } from '../http/send-at-once.js';
import { Images, timesStored } from '../images/images.js';
import type { StoredManifest } from '../images/manifests.store.js';
import type { Digest } from '../oci/digest.js';
import { type Manifest, parsePushedManifest } from '../oci/manifest.js';
import { allowsChange, type Conditions, isConditional } from '../oci/precondition.js';
import { formatReference, parseTag, type Reference } from '../oci/reference.js';
import { Repositories } from '../repositories/repositories.js';
import { DiskReserve } from '../storage/disk-reserve.js';
import { headerList, sendEmpty } from './answer.js';
import type { RepositoryCall } from './call.js';
import { entityTag, sendNotModified } from './not-modified.js';

interface ManifestAnswer {
  readonly headers: string[];
  /** A string has the bytes as Latin-1: Node sends head and string with one write, and a buffer with a slower one. */
  readonly body: string | Buffer;
}

/** Answers about manifests that are asked for again and again; they go when the index forgets the manifest. */
const answers = new WeakMap<StoredManifest, ManifestAnswer>();
/** Longest body kept as a string, in bytes: what fits the buffer in which Node puts head and string together. */
const longestText = 12 * 1024;

/** Bytes of a manifest that is read in a few milliseconds, however it is made. */
const quicklyRead = 64 * 1024;
/** Bytes of a tag in rows. */
const tagBytes = 2048;

/** Manifests: distribution-spec end-3, end-7 and end-9. */
@Injectable()
export class ManifestHandlers {
  /** Large ones are read one after the other, each in a turn of the event loop of its own: several at once hold up nobody for longer than one. */
  readonly #reading = new Mutex();

  constructor(
    private readonly images: Images,
    private readonly repositories: Repositories,
    private readonly audit: Audit,
    private readonly bodies: HeldBodies,
    private readonly reserve: DiskReserve,
    @Inject(CONFIG) private readonly config: Pick<Config, 'registry' | 'publicUrl' | 'trustedProxies'>,
  ) {}

  /** GET and HEAD: the bytes as they were pushed, whatever the client accepts. Nothing here waits when the index has it at hand. */
  get(call: RepositoryCall, reference: Reference): void | Promise<void> {
    const answered = andThen(this.images.findManifest(call.repository, reference), (manifest) =>
      manifest === undefined ? this.#unknown(call, reference) : this.#send(call, reference, manifest),
    );
    if (!(answered instanceof Promise) || call.request.method !== 'HEAD') return answered;
    // To whoever only asks whether it is there, damaged is not there: the next push brings it again.
    return answered.catch((error: unknown) => {
      if (isFailure(error, 'CONTENT_DAMAGED')) return this.#unknown(call, reference);
      throw error;
    });
  }

  async put(call: RepositoryCall, reference: Reference): Promise<void> {
    const { request, repository } = call;
    const extraTags = call.query.getAll('tag').map(parseTag);
    await this.reserve.check();
    const limit = this.config.registry.maxManifestBytes;
    const tooLarge = () => new Failure('MANIFEST_TOO_LARGE', { message: `a manifest may have ${limit} bytes at most` });
    const options = { holder: call.identity.subject, limit, tooLarge };
    const allowed = isConditional(request.headers) ? allowsPut(request.headers) : undefined;
    const by = call.identity.principal;
    const stored = await withBody(request, this.bodies, options, async (bytes) => {
      const manifest = await this.#read(bytes, request.headers['content-type']);
      const put = { repository, reference, extraTags, bytes, manifest, by, allowed };
      const room = bytes.length * timesStored + extraTags.length * tagBytes;
      return await this.reserve.write(room, () => this.images.putManifest(put));
    });
    const subject = stored.subject === undefined ? [] : ['OCI-Subject', stored.subject];
    const tags = extraTags.flatMap((tag) => ['OCI-Tag', tag]);
    const location = `/v2/${repository}/manifests/${stored.digest}`;
    sendEmpty(call.response, 201, 'Location', location, 'Docker-Content-Digest', stored.digest, ...subject, ...tags);
  }

  async delete(call: RepositoryCall, reference: Reference): Promise<void> {
    if (reference.kind === 'tag') {
      await this.images.deleteTag(call.repository, reference.tag);
    } else {
      await this.images.deleteManifest(call.repository, reference.digest);
    }
    sendEmpty(call.response, 202);
  }

  #read(bytes: Buffer, contentType: string | undefined): Manifest | Promise<Manifest> {
    if (bytes.length <= quicklyRead) return parsePushedManifest(bytes, contentType);
    return this.#reading.run(async () => {
      await turn();
      return parsePushedManifest(bytes, contentType);
    });
  }

  #send(call: RepositoryCall, reference: Reference, manifest: StoredManifest): void {
    sendManifest(call, manifest);
    const { request, identity, repository } = call;
    if (request.method === 'GET') {
      const from = { id: manifest.repositoryId, name: repository };
      this.audit.pulled(identity.principal, from, reference, () => sourceOf(request, this.config));
    }
  }

  /** Docker names the image it did not find only where the error has a detail. */
  async #unknown({ repository: name }: RepositoryCall, reference: Reference): Promise<void> {
    if ((await this.repositories.find(name)) === undefined) throw new Failure('NAME_UNKNOWN', { detail: { name } });
    throw new Failure('MANIFEST_UNKNOWN', { detail: { name, reference: formatReference(reference) } });
  }
}

/** `If-None-Match: *` creates only, `If-Match: "<digest>"` replaces only what the client has seen; of every tag that is named. */
function allowsPut(headers: Conditions): (current: Digest | undefined) => boolean {
  return (current) => allowsChange(headers, current && entityTag(current));
}

function sendManifest(call: RepositoryCall, manifest: StoredManifest): void {
  if (sendNotModified(call, manifest.digest)) return;
  let answer = answers.get(manifest);
  if (answer === undefined) {
    answer = answerWith(manifest);
    answers.set(manifest, answer);
  }
  call.response.writeHead(200, answer.headers);
  sendAtOnce(call.response, answer.body, 'latin1');
}

function answerWith({ mediaType, bytes, digest }: StoredManifest): ManifestAnswer {
  const headers = headerList(
    ...['Content-Type', mediaType],
    ...['Content-Length', String(bytes.length)],
    ...['Docker-Content-Digest', digest],
    ...['ETag', entityTag(digest)],
  );
  return { headers, body: bytes.length <= longestText ? bytes.toString('latin1') : bytes };
}
