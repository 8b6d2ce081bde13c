import type { ServerResponse } from 'node:http';

/** How long before the end of a credential every answer speaks of it, in milliseconds. */
const warnBefore = 7 * 86_400_000;

/**
 * Puts a Warning on the answer (distribution-spec "Warnings") when the credential ends within a week: clients show it to
 * whoever runs them, who can make another in time.
 * @param now epoch milliseconds
 */
export function warnOfEnd(response: ServerResponse, endsAt: Date, now: number): void {
  if (endsAt.getTime() - now <= warnBefore) {
    response.setHeader('Warning', `299 - "The token or secret you sign in with ends at ${endsAt.toISOString()}."`);
  }
}
