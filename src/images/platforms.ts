import { formatPlatform, isRunnable, type Platform } from '../oci/descriptor.js';

/** What a machine can run of these, as it stands in a column between commas: no attestations, and nothing that would break the list. */
export function runnablePlatforms(platforms: readonly Platform[]): string[] {
  return platforms
    .filter(isRunnable)
    .map(formatPlatform)
    .filter((text) => /^[\w./-]{1,100}$/.test(text));
}

/** The list out of its column. */
export function splitPlatforms(column: string): string[] {
  return column === '' ? [] : column.split(',');
}
