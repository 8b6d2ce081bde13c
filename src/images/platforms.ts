import { formatPlatform, isRunnable, type Platform } from '../oci/descriptor.js';

/** Platforms kept of one manifest. The widest images there are run on some twenty. */
export const mostPlatforms = 32;
/** Longest name of a platform that is kept. */
const longestName = 64;
/** A column is never longer: every name with the comma behind it. */
export const longestColumn = mostPlatforms * (longestName + 1);

const kept = new RegExp(`^[\\w./-]{1,${longestName}}$`);

/** What a machine can run of these, as it stands in a column between commas: no attestations, and nothing that would break the list. */
export function runnablePlatforms(platforms: readonly Platform[]): string[] {
  return platforms
    .filter(isRunnable)
    .map(formatPlatform)
    .filter((text) => kept.test(text));
}

/** The list out of its column: the first 32. */
export function splitPlatforms(column: string): string[] {
  if (column === '') return [];
  const names = column.slice(0, longestColumn).split(',');
  if (column.length > longestColumn) names.pop(); // cut in the middle
  return names.slice(0, mostPlatforms);
}
