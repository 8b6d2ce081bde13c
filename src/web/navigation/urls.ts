import type { Request } from 'express';
import type { Digest } from '../../oci/digest.js';
import type { Tag } from '../../oci/reference.js';
import { parseRepositoryName, type RepositoryName } from '../../oci/repository-name.js';

/**
 * Addresses of pages. A repository's name keeps its slashes, and `/-/` ends it, which no name can contain. Names and tags
 * need no escaping by their grammars; the colon of a digest may stand in a path.
 */
export const urlOfTags = (name: RepositoryName): string => `/r/${name}/-/tags`;
export const urlOfTag = (name: RepositoryName, tag: Tag): string => `/r/${name}/-/t/${tag}`;
export const urlOfImage = (name: RepositoryName, digest: Digest): string => `/r/${name}/-/m/${digest}`;
/** The config of an image, to be saved. */
export const urlOfConfig = (name: RepositoryName, digest: Digest): string =>
  `/api/v1/repositories/${encodeURIComponent(name)}/manifests/${digest}/config`;
export const urlOfPermissions = (name: RepositoryName): string => `/r/${name}/-/permissions`;
export const urlOfSettings = (name: RepositoryName): string => `/r/${name}/-/settings`;
export const urlOfUser = (username: string): string => `/users/${encodeURIComponent(username)}`;

/** The repository of a `/r/*name/-/…` route, whose segments Express hands over as a list. Throws NAME_INVALID. */
export function repositoryOf({ params }: Pick<Request, 'params'>): RepositoryName {
  const name: unknown = params.name;
  return parseRepositoryName(Array.isArray(name) ? name.join('/') : String(name));
}
