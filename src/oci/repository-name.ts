import { Failure } from '../errors/failure.js';

/** Path components of lower-case letters and digits, separated inside by `.`, `_`, `__` or dashes (distribution-spec "Pulling manifests"). */
export type RepositoryName = string & { readonly __brand: 'RepositoryName' };

/** Longest name, because clients limit host and name together to this. */
export const maxRepositoryNameLength = 255;

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const grammar = new RegExp(`^${component}(?:/${component})*$`);

export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= maxRepositoryNameLength && grammar.test(text);
}

/** Throws NAME_INVALID. */
export function parseRepositoryName(text: string): RepositoryName {
  if (!isRepositoryName(text)) throw new Failure('NAME_INVALID');
  return text;
}
