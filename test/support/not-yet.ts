/** What breaks the laws of statements today (docs/architecture.md, "Tables have owners"). It only shrinks. */
export const notYet: readonly string[] = [];
