/**
 * A sum of sizes in bytes that no longer grows at 2^53 − 1: what manifests say of content that need not be here adds up to more than
 * a JSON number, a cursor or an integer of the database can tell.
 */
export function saturated(bytes: number): number {
  return Math.min(bytes, Number.MAX_SAFE_INTEGER);
}
