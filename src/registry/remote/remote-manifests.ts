import { Failure } from '../../errors/failure.js';
import type { Descriptor } from '../../oci/descriptor.js';
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../../oci/digest.js';
import { longestMediaType, MediaTypes } from '../../oci/media-type.js';
import { formatReference } from '../../oci/reference.js';
import type { ManifestRef, RawManifest } from '../registry.js';
import type { Exchange } from './exchange.js';
import { faultOfStatus, invalidAnswer } from './fault.js';
import type { RemoteLimits } from './limits.js';
import { bytesBody, type Reply } from './wire.js';

/** All four, because docker-registry 2.8 says 404 to whoever leaves one out. */
const accept = [
  MediaTypes.ociIndex,
  MediaTypes.ociManifest,
  MediaTypes.dockerManifestList,
  MediaTypes.dockerManifest,
].join(', ');

/** Manifests of another registry: distribution-spec end-3, end-7 and end-9. */
export class RemoteManifests {
  constructor(
    private readonly exchange: Exchange,
    private readonly limits: Pick<RemoteLimits, 'manifestBytes'>,
  ) {}

  /** By HEAD; where that does not tell the digest, the manifest is read. */
  async stat(at: ManifestRef, signal: AbortSignal): Promise<Descriptor | undefined> {
    const asked = { method: 'HEAD', ...pulled(at), expected: [200, 404, 405] } as const;
    const found = await this.exchange.ask(asked, signal, async (reply) => {
      this.exchange.wire.drop(reply);
      return reply;
    });
    if (found.status === 404) return undefined;
    const descriptor = found.status === 200 ? this.#described(at, found) : undefined;
    if (descriptor !== undefined) return descriptor;
    const read = await this.#find(at, signal);
    return read && { mediaType: read.mediaType, digest: read.digest, size: read.bytes.length };
  }

  async get(at: ManifestRef, signal: AbortSignal): Promise<RawManifest> {
    const found = await this.#find(at, signal);
    if (found === undefined)
      throw new Failure('MANIFEST_UNKNOWN', { detail: { reference: formatReference(at.reference) } });
    return found;
  }

  async put(at: ManifestRef, { mediaType, bytes }: Pick<RawManifest, 'mediaType' | 'bytes'>, signal: AbortSignal) {
    const digest = this.#ownDigest(at, bytes);
    if (at.reference.kind === 'digest' && digest !== at.reference.digest)
      throw new Failure('DIGEST_INVALID', { message: 'the manifest does not have this digest', detail: { digest } });
    const asked = {
      method: 'PUT',
      to: pathOf(at),
      scopes: [`repository:${at.repository}:pull,push`],
      headers: { 'Content-Type': mediaType },
      body: bytesBody(bytes),
      expected: [200, 201, 202, 400, 404],
    } as const;
    await this.exchange.ask(asked, signal, async (reply) => {
      if (reply.status >= 400) throw await this.#refused(reply);
      this.#requireDigest(reply, digest);
      this.exchange.wire.drop(reply);
    });
    return { mediaType, digest, size: bytes.length };
  }

  async delete(at: ManifestRef, signal: AbortSignal): Promise<void> {
    const asked = {
      method: 'DELETE',
      to: pathOf(at),
      scopes: [`repository:${at.repository}:delete`],
      expected: [200, 202, 204, 400, 404, 405],
    } as const;
    await this.exchange.ask(asked, signal, async (reply) => {
      this.exchange.wire.drop(reply);
      if (reply.status === 404) throw new Failure('MANIFEST_UNKNOWN');
      // docker-registry 2.8 says 400 to every tag.
      if (reply.status >= 400)
        throw new Failure('UNSUPPORTED', { message: `${this.exchange.host} does not delete this` });
    });
  }

  async #find(at: ManifestRef, signal: AbortSignal): Promise<RawManifest | undefined> {
    const asked = { method: 'GET', ...pulled(at), expected: [200, 404] } as const;
    return await this.exchange.ask(asked, signal, async (reply) => {
      if (reply.status === 404) {
        this.exchange.wire.drop(reply);
        return undefined;
      }
      const bytes = await this.exchange.wire.read(reply, this.limits.manifestBytes);
      const digest = this.#ownDigest(at, bytes);
      this.#requireDigest(reply, digest);
      if (at.reference.kind === 'digest' && at.reference.digest !== digest)
        throw invalidAnswer(this.exchange.host, 'the manifest it sent has another digest');
      return { mediaType: this.#mediaType(reply, bytes), digest, bytes };
    });
  }

  /** Of bytes that are to have the digest of the reference, or its tag's. */
  #ownDigest({ reference }: ManifestRef, bytes: Buffer): Digest {
    return digestOf(bytes, reference.kind === 'digest' ? digestAlgorithm(reference.digest) : 'sha256');
  }

  /** What it says the digest is has to be true; one of another algorithm says nothing about this one. */
  #requireDigest({ headers }: Reply, digest: Digest): void {
    const said = headers['docker-content-digest'];
    if (typeof said !== 'string' || said === digest) return;
    if (!isDigest(said) || digestAlgorithm(said) === digestAlgorithm(digest))
      throw invalidAnswer(this.exchange.host, 'it names another digest than the manifest has');
  }

  #described({ reference }: ManifestRef, { headers }: Reply): Descriptor | undefined {
    const { 'docker-content-digest': digest, 'content-length': size, 'content-type': type = '' } = headers;
    const mediaType = plainType(type);
    if (typeof digest !== 'string' || !/^\d{1,15}$/.test(size ?? '') || mediaType === '') return undefined;
    if (!isDigest(digest) || (reference.kind === 'digest' && reference.digest !== digest))
      throw invalidAnswer(this.exchange.host, 'it names another digest than it was asked for');
    return { mediaType, digest, size: Number(size) };
  }

  #mediaType({ headers }: Reply, bytes: Buffer): string {
    const type = plainType(headers['content-type'] ?? '');
    if (type !== '' && type !== 'application/json') return type;
    // Some stores keep no type; the document has one (image-spec "manifest", `mediaType`).
    const stated = /"mediaType"\s*:\s*"([\w.+/-]{1,255})"\s*[,}]/.exec(bytes.toString('latin1', 0, 1024))?.[1];
    if (stated === undefined) throw invalidAnswer(this.exchange.host, 'the manifest has no media type');
    return stated;
  }

  async #refused(reply: Reply): Promise<Error> {
    const text = (await this.exchange.wire.read(reply, errorBytes)).toString('latin1');
    const code = manifestErrors.find((candidate) => text.includes(`"${candidate}"`));
    if (code !== undefined) return new Failure(code, { message: `${this.exchange.host} answered ${code}` });
    return faultOfStatus(reply.status, this.exchange.host, '', undefined);
  }
}

const errorBytes = 64 * 1024;
/** Codes that the asker has to know apart (distribution-spec "Error Codes"); what is missing comes before what that makes invalid. */
const manifestErrors = [
  'MANIFEST_BLOB_UNKNOWN',
  'NAME_UNKNOWN',
  'NAME_INVALID',
  'DIGEST_INVALID',
  'TAG_INVALID',
  'MANIFEST_INVALID',
] as const;

function pathOf({ repository, reference }: ManifestRef): string {
  return `/v2/${repository}/manifests/${formatReference(reference)}`;
}

function pulled(at: ManifestRef) {
  return { to: pathOf(at), scopes: [`repository:${at.repository}:pull`], headers: { Accept: accept } };
}

function plainType(header: string): string {
  const [type = ''] = header.split(';', 1);
  const trimmed = type.trim();
  return trimmed.length <= longestMediaType ? trimmed : '';
}
