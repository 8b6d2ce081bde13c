import type { Berth } from './berth.js';
import { type Answer, basic, jsonOf, send } from './http.js';
import type { Credentials } from './registry-client.js';

/** What a token realm answers to `GET /token`, whether it gives a token or not. */
export function askRealm(berth: Berth, query: string | URLSearchParams, who?: Credentials): Promise<Answer> {
  const headers = who ? { authorization: basic(who.username, who.password) } : {};
  return send(berth.url, `/token?${query}`, { headers });
}

/** What a token says, without a look at its signature. */
export function claimsOf(token: string) {
  return decoded(token.split('.')[1]);
}

/** What the token of an answer gives, as `type:name:actions`. */
export function accessOf(answer: Answer): string[] {
  const scopes: { type: string; name: string; actions: string[] }[] = claimsOf(jsonOf(answer).access_token).access;
  return scopes.map(({ type, name, actions }) => `${type}:${name}:${actions}`);
}

/** The header of a token. */
export function headerOf(token: string) {
  return decoded(token.split('.')[0]);
}

function decoded(part = '') {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
