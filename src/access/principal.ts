/** What an account is allowed beyond grants: an admin may do everything. */
export const roles = ['admin', 'user'] as const;
export type Role = (typeof roles)[number];

/** Who asks. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: number; readonly name: string; readonly role: Role };

export const anonymous: Principal = { kind: 'anonymous' };

/** The account to be noted as the one who did it; null for nobody. */
export function userIdOf(principal: Principal): number | null {
  return principal.kind === 'user' ? principal.id : null;
}
