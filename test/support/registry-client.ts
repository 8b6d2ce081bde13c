import type { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { type Answer, basic, type Question, send } from './http.js';
import { type Built, blobsOf, type Content, manifestsOf, sha256 } from './images.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The wire protocol of a registry as clients speak it, and nothing more: it hides no status. `push…` and `pull…` throw
 * when the registry refuses; the other methods hand back what it answered.
 */
export class RegistryClient {
  readonly #tokens = new Map<string, Promise<string | undefined>>();

  private constructor(
    readonly origin: string,
    private readonly challenge: { readonly realm: string; readonly service: string } | undefined,
    private readonly credentials: Credentials | undefined,
    private readonly agent: Agent | undefined,
  ) {}

  /** Asks `/v2/` how it wants to be spoken to. Works with and without a token realm. */
  static async open(origin: string, credentials?: Credentials, agent?: Agent): Promise<RegistryClient> {
    const ping = await send(origin, '/v2/');
    const header = ping.headers['www-authenticate'] ?? '';
    const realm = /realm="([^"]+)"/.exec(header)?.[1];
    const service = /service="([^"]+)"/.exec(header)?.[1];
    return new RegistryClient(origin, realm && service ? { realm, service } : undefined, credentials, agent);
  }

  /** A registry token for one scope, asked once; undefined where none is needed. */
  token(scope: string): Promise<string | undefined> {
    const known = this.#tokens.get(scope);
    if (known !== undefined) return known;
    const asked = this.#askToken(scope);
    this.#tokens.set(scope, asked);
    return asked;
  }

  /** One request below `/v2/<repository>/`, with a token for `actions`. */
  async request(
    repository: string,
    path: string,
    question: Question & { readonly actions?: string } = {},
  ): Promise<Answer> {
    return this.#at(repository, `/v2/${repository}/${path}`, question);
  }

  /** One request exactly as given: path from the root, no token added. */
  raw(path: string, question: Question = {}): Promise<Answer> {
    return send(this.origin, path, { agent: this.agent, ...question });
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    return (await this.request(repository, `blobs/${digest}`, { method: 'HEAD' })).status === 200;
  }

  /** POST of an upload session; the Location is a path on this registry. */
  async startUpload(repository: string, query = ''): Promise<Answer & { readonly location: string }> {
    const answer = await this.request(repository, `blobs/uploads/${query}`, { method: 'POST' });
    return { ...answer, location: this.#pathOf(answer) };
  }

  /** PATCH of a session; a stream goes without Content-Length. */
  async append(
    repository: string,
    location: string,
    body: Question['body'],
    question: Question = {},
  ): Promise<Answer & { readonly location: string }> {
    const headers = { 'content-type': 'application/octet-stream', ...question.headers };
    const answer = await this.#at(repository, location, { ...question, method: 'PATCH', headers, body });
    return { ...answer, location: this.#pathOf(answer) };
  }

  async finishUpload(repository: string, location: string, digest: string, body?: Question['body']): Promise<Answer> {
    const separator = location.includes('?') ? '&' : '?';
    const path = `${location}${separator}digest=${encodeURIComponent(digest)}`;
    return this.#at(repository, path, { method: 'PUT', body: body ?? '' });
  }

  /** GET of an upload session: where it stands. */
  async uploadStatus(repository: string, location: string): Promise<Answer> {
    return this.#at(repository, location, {});
  }

  async putManifest(repository: string, reference: string, manifest: Content): Promise<Answer> {
    const headers = { 'content-type': manifest.mediaType };
    return this.request(repository, `manifests/${reference}`, { method: 'PUT', headers, body: manifest.bytes });
  }

  async getManifest(repository: string, reference: string): Promise<Answer> {
    const accept = [
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ].join(', ');
    return this.request(repository, `manifests/${reference}`, { headers: { accept }, actions: 'pull' });
  }

  async getBlob(repository: string, digest: string): Promise<Answer> {
    return this.request(repository, `blobs/${digest}`, { actions: 'pull' });
  }

  /** Pushes a blob the way docker does: HEAD, POST, one PATCH of a stream, PUT. */
  async pushBlob(repository: string, blob: Content): Promise<void> {
    if (await this.hasBlob(repository, blob.digest)) return;
    const session = mustBe(202, await this.startUpload(repository));
    const written = mustBe(202, await this.append(repository, session.location, Readable.from(slices(blob.bytes))));
    mustBe(201, await this.finishUpload(repository, written.location, blob.digest));
  }

  /** Pushes everything below a manifest, then the manifests, the last one under the tag. Resolves when all is acknowledged. */
  async push(repository: string, tag: string, built: Built): Promise<void> {
    await Promise.all(blobsOf(built).map((blob) => this.pushBlob(repository, blob)));
    for (const manifest of manifestsOf(built)) {
      const reference = manifest === built.manifest ? tag : manifest.digest;
      mustBe(201, await this.putManifest(repository, reference, manifest));
    }
  }

  /** Pulls a reference and everything below it, recomputing each digest; returns the manifest's. Throws on the first byte that differs. */
  async pull(repository: string, reference: string): Promise<string> {
    const answer = mustBe(200, await this.getManifest(repository, reference));
    const digest = sha256(answer.body);
    if (reference.startsWith('sha256:') && reference !== digest) throw new Error(`${reference} answered ${digest}`);
    const manifest = JSON.parse(answer.body.toString());
    for (const child of manifest.manifests ?? []) await this.pull(repository, child.digest);
    for (const blob of [manifest.config, ...(manifest.layers ?? [])].filter(Boolean)) {
      const { body } = mustBe(200, await this.getBlob(repository, blob.digest));
      if (sha256(body) !== blob.digest) throw new Error(`${repository}: ${blob.digest} came as ${sha256(body)}`);
      if (body.length !== blob.size) throw new Error(`${repository}: ${blob.digest} has ${body.length} bytes`);
    }
    return digest;
  }

  async #at(repository: string, path: string, question: Question & { actions?: string }): Promise<Answer> {
    const token = await this.token(`repository:${repository}:${question.actions ?? 'pull,push'}`);
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...question.headers };
    return this.raw(path, { ...question, headers });
  }

  async #askToken(scope: string): Promise<string | undefined> {
    if (!this.challenge) return undefined;
    const { realm, service } = this.challenge;
    const url = new URL(realm);
    url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
    const headers = this.credentials
      ? { authorization: basic(this.credentials.username, this.credentials.password) }
      : {};
    const answer = mustBe(200, await send(url.origin, url.pathname + url.search, { headers }));
    return JSON.parse(answer.body.toString()).token;
  }

  #pathOf(answer: Answer): string {
    const { location } = answer.headers;
    if (!location) return '';
    const url = new URL(location, this.origin);
    return url.pathname + url.search;
  }
}

function mustBe<A extends Answer>(status: number, answer: A): A {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.body}`);
  return answer;
}

function* slices(bytes: Buffer, size = 64 * 1024): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
