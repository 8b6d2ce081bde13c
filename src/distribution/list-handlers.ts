import { Injectable } from '@nestjs/common';
import { Failure } from '../errors/failure.js';
import { Images } from '../images/images.js';
import type { Digest } from '../oci/digest.js';
import { nextLink } from '../oci/link.js';
import { MediaTypes } from '../oci/media-type.js';
import { maxPageSize, parsePageSize } from '../oci/page.js';
import { Permissions } from '../permissions/permissions.js';
import { Repositories } from '../repositories/repositories.js';
import { cleanText } from '../text/clean-text.js';
import { sendJson, sendParts } from './answer.js';
import type { Call, RepositoryCall } from './call.js';

/** What `docker search` is given unless it asks for less or more, and at most. */
const searchPage = 25;
const mostFound = 100;
/** Characters of a description in what it is given: one line of a table. */
const descriptionLength = 200;
/** Referrers in one page; fewer where their annotations are long. */
const referrersPage = 100;
const referrersOpening = Buffer.from(`{"schemaVersion":2,"mediaType":"${MediaTypes.ociIndex}","manifests":[`);
const referrersClosing = Buffer.from(']}');
const comma = Buffer.from(',');

/** Tags, referrers and the catalogue: distribution-spec end-8 and end-12, Distribution's `_catalog`, and what `docker search` asks. */
@Injectable()
export class ListHandlers {
  constructor(
    private readonly images: Images,
    private readonly repositories: Repositories,
    private readonly permissions: Permissions,
  ) {}

  async tags(call: RepositoryCall): Promise<void> {
    const { repository } = call;
    const { n, last } = requestedPage(call, maxPageSize);
    if ((await this.repositories.find(repository)) === undefined) throw new Failure('NAME_UNKNOWN');
    const found = n === 0 ? [] : await this.images.listTags(repository, { limit: n + 1, last });
    const { entries, next } = cut(found, n, (tag) => tag);
    const link = linkTo(`/v2/${repository}/tags/list`, n, next);
    sendJson(call.response, { name: repository, tags: entries }, 'application/json', ...link);
  }

  /** Never 404: whatever nobody refers to has an empty list, so that clients need no fallback. */
  async referrers(call: RepositoryCall, digest: Digest): Promise<void> {
    const { repository } = call;
    const artifactType = call.query.get('artifactType') || undefined;
    const { n, last } = requestedPage(call, referrersPage);
    const { items, nextCursor } = await this.images.pageReferrers(repository, digest, { artifactType, limit: n, last });
    const filter = artifactType === undefined ? undefined : { artifactType };
    const link = linkTo(`/v2/${repository}/referrers/${digest}`, n, nextCursor, filter);
    const applied = artifactType === undefined ? [] : ['OCI-Filters-Applied', 'artifactType'];
    const manifests = items.flatMap((descriptor, index) => (index === 0 ? [descriptor] : [comma, descriptor]));
    const body = [referrersOpening, ...manifests, referrersClosing];
    sendParts(call.response, body, MediaTypes.ociIndex, ...applied, ...link);
  }

  /** The repositories that the caller may pull. */
  async catalog(call: Call): Promise<void> {
    const { n, last } = requestedPage(call, maxPageSize);
    const { principal, narrowedTo } = call.identity;
    const options = { limit: n, after: last, narrowedTo };
    const visible = n === 0 ? { items: [] } : await this.permissions.listVisible(principal, options);
    const repositories = visible.items.map(({ name }) => name);
    const link = linkTo('/v2/_catalog', n, visible.nextCursor);
    sendJson(call.response, { repositories }, 'application/json', ...link);
  }

  /** The repositories that the caller may pull and whose names contain the text, as the first version of the protocol wrote it. */
  async search(call: Call): Promise<void> {
    const q = call.query.get('q') ?? '';
    const n = Math.min(parsePageSize(call.query.get('n') ?? undefined) ?? searchPage, mostFound);
    const { principal, narrowedTo, subject } = call.identity;
    const by = { key: subject, gone: goneOf(call) };
    const { items } =
      n === 0 ? { items: [] } : await this.permissions.listVisible(principal, { limit: n, q, narrowedTo, by });
    const results = items.map(({ name, description }) => ({
      name,
      description: cleanText(description, descriptionLength),
      star_count: 0,
      is_official: false,
      is_automated: false,
    }));
    const page = { page: 1, num_pages: 1, page_size: n };
    sendJson(call.response, { query: q, num_results: results.length, ...page, results }, 'application/json');
  }
}

/** Nobody searches on for a client that is gone. */
function goneOf({ response }: Call): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

interface Page {
  readonly n: number;
  /** Where the page before ended; this one starts behind it, whether or not it still exists. */
  readonly last: string | undefined;
}

/** Throws PAGINATION_NUMBER_INVALID. */
function requestedPage({ query }: Call, most: number): Page {
  const n = Math.min(parsePageSize(query.get('n') ?? undefined) ?? most, most);
  return { n, last: query.get('last') || undefined };
}

/** A page of what was read with one entry too many; `next` is its last place when there is more. */
function cut<T>(found: readonly T[], n: number, place: (entry: T) => string): { entries: readonly T[]; next?: string } {
  const entries = found.slice(0, n);
  const end = entries.at(-1);
  return found.length > n && end !== undefined ? { entries, next: place(end) } : { entries };
}

function linkTo(path: string, n: number, next: string | undefined, filter: Record<string, string> = {}): string[] {
  return next === undefined ? [] : ['Link', nextLink(path, { ...filter, n: String(n), last: next })];
}
