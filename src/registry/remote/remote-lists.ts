import { isFailure } from '../../errors/failure.js';
import { type Descriptor, parseDescriptor } from '../../oci/descriptor.js';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.js';
import { nextPageOf } from '../../oci/link.js';
import { maxPageSize } from '../../oci/page.js';
import { isTag, parseTag, type Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import type { Exchange, JsonAnswer } from './exchange.js';
import { invalidAnswer } from './fault.js';
import { jsonObject } from './json-calls.js';
import type { RemoteLimits } from './limits.js';
import type { RemoteManifests } from './remote-manifests.js';

/** Does the work of one page, within the limits that hold for one call. */
export type Turn = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** Most referrers of one manifest. */
const mostReferrers = 10_000;

/** Tags and referrers of another registry: distribution-spec end-8 and end-12. */
export class RemoteLists {
  constructor(
    private readonly exchange: Exchange,
    private readonly manifests: RemoteManifests,
    private readonly limits: Pick<RemoteLimits, 'pages'>,
  ) {}

  /** What is no tag cannot be asked for and is left out. A registry that knows no pages gives all in one. */
  async *tags(repository: RepositoryName, turn: Turn): AsyncGenerator<readonly Tag[]> {
    for await (const { value } of this.#pages(repository, `tags/list?n=${maxPageSize}`, turn)) {
      const { tags = [] } = value;
      if (tags !== null && !Array.isArray(tags)) throw this.#invalid('the tags are no list');
      yield (tags ?? []).filter((tag): tag is Tag => typeof tag === 'string' && isTag(tag));
    }
  }

  /** By the API, and where a registry has none, from the index that clients keep under a tag (distribution-spec "Referrers Tag Schema"). */
  async referrers(repository: RepositoryName, subject: Digest, artifactType: string | undefined, signal: AbortSignal) {
    const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
    const found: Descriptor[] = [];
    let known = false;
    for await (const { value } of this.#pages(repository, `referrers/${subject}${query}`, (work) => work(signal))) {
      known = true;
      this.#collect(value, found);
    }
    if (!known) this.#collect(await this.#indexOf(repository, subject, signal), found);
    return artifactType === undefined ? found : found.filter((one) => one.artifactType === artifactType);
  }

  #collect({ manifests }: Readonly<Record<string, unknown>>, into: Descriptor[]): void {
    if (manifests === undefined || manifests === null) return;
    if (!Array.isArray(manifests) || into.length + manifests.length > mostReferrers)
      throw this.#invalid('the referrers are no list, or too long a one');
    for (const [place, one] of manifests.entries()) {
      try {
        into.push(parseDescriptor(one, `manifests[${place}]`));
      } catch (error) {
        throw isFailure(error) ? this.#invalid(error.message) : error;
      }
    }
  }

  async #indexOf(repository: RepositoryName, subject: Digest, signal: AbortSignal) {
    const tag = parseTag(`${digestAlgorithm(subject)}-${digestHex(subject)}`.slice(0, 128));
    try {
      const { bytes } = await this.manifests.get({ repository, reference: { kind: 'tag', tag } }, signal);
      return jsonObject(bytes, this.exchange.host);
    } catch (error) {
      if (isFailure(error, 'MANIFEST_UNKNOWN')) return {};
      throw error;
    }
  }

  /** The pages of a list, one after the other; none where it is not known. Throws REMOTE_INVALID when they lead in a circle, or on and on. */
  async *#pages(repository: RepositoryName, path: string, turn: Turn): AsyncGenerator<JsonAnswer> {
    const scopes = [`repository:${repository}:pull`];
    const seen = new Set<string>();
    let to: URL | undefined = new URL(`/v2/${repository}/${path}`, this.exchange.origin);
    while (to !== undefined) {
      if (seen.has(to.href) || seen.size === this.limits.pages) throw this.#invalid('its pages never end');
      seen.add(to.href);
      const asked = { to, scopes, expected: [200, 404] };
      const answer: JsonAnswer = await turn((signal) => this.exchange.askJson(asked, signal));
      if (answer.status === 404) return;
      yield answer;
      to = this.#next(answer);
    }
  }

  #next({ headers, url }: JsonAnswer): URL | undefined {
    const link = nextPageOf(headers.link);
    if (link === undefined) return undefined;
    const next = this.exchange.located(link, url);
    if (next.origin !== this.exchange.origin.origin) throw this.#invalid('its next page is at another address');
    return next;
  }

  #invalid(what: string): Error {
    return invalidAnswer(this.exchange.host, what);
  }
}
