/** What an account is allowed beyond grants: an admin may do everything. */
export const roles = ['admin', 'user'] as const;
export type Role = (typeof roles)[number];

/** Who asks. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: number; readonly name: string; readonly role: Role }
  /** A program's own account, never an administrator. Its name is whole: `namespace+name`. */
  | { readonly kind: 'robot'; readonly id: number; readonly name: string };

export const anonymous: Principal = { kind: 'anonymous' };

/** Who may do everything. */
export function isAdministrator(principal: Principal): boolean {
  return principal.kind === 'user' && principal.role === 'admin';
}

/** Tells principals apart in caches and upload sessions: `anonymous`, `user:7`, `robot:3`. Stays the same when a name or a role changes. */
export function principalKey(principal: Principal): string {
  return principal.kind === 'anonymous' ? 'anonymous' : `${principal.kind}:${principal.id}`;
}

/** The account to be noted as the one who did it; null for nobody, for robots, and for the `berth` command on the spot (id 0). */
export function userIdOf(principal: Principal): number | null {
  return principal.kind === 'user' && principal.id !== 0 ? principal.id : null;
}
