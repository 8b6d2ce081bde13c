/** Names that mean somebody in messages, in the audit log and to people, so nobody and no group may be called so. */
const reserved = new Set(['all', 'anonymous', 'authenticated', 'berth', 'everybody', 'everyone', 'local', 'system']);

export function isReservedName(name: string): boolean {
  return reserved.has(name);
}
