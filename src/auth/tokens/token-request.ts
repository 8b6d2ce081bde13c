import { Failure } from '../../errors/failure.js';
import { parseScopes, type Scope } from '../../oci/scope.js';

/** A query string or form, as parsed: a name given once is a string, more often an array. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Programs that copy many repositories ask for every scope they ever needed, each time. */
const maxScopes = 1000;
const maxScopeLength = 32 * 1024;
const maxClientIdLength = 128;

/** What GET and POST have in common. */
export interface TokenRequest {
  readonly service: string;
  /** As the client calls itself; empty when it does not. */
  readonly clientId: string;
  readonly scopes: readonly Scope[];
  /** The names asked for by `account`; they must be the one that signs in (B24). */
  readonly account: string | undefined;
}

/**
 * Checks the parameters of the realm. Throws SERVICE_UNKNOWN, SCOPE_INVALID for more scopes than programs ask for, or
 * VALIDATION_FAILED. A malformed scope is no failure; it gives nothing.
 */
export function parseTokenRequest(parameters: Parameters, service: string): TokenRequest {
  if (single(parameters, 'service') !== service) throw new Failure('SERVICE_UNKNOWN');
  const clientId = single(parameters, 'client_id') ?? '';
  if (clientId.length > maxClientIdLength) throw new Failure('VALIDATION_FAILED', { message: 'client_id is too long' });
  const texts = all(parameters, 'scope');
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const count = texts.reduce((sum, text) => sum + text.split(' ').length, 0);
  if (count > maxScopes) throw tooMuch(`${maxScopes} scopes`, count);
  if (length > maxScopeLength) throw tooMuch(`${maxScopeLength} characters of scopes`, length);
  return { service, clientId, scopes: parseScopes(texts), account: accountName(parameters, 'account') };
}

/**
 * The name of an account, undefined when it is empty. Its spaces are plus signs that a client did not escape, which a form or a query takes
 * for spaces: no account has a space in its name, and every robot has a plus sign.
 */
export function accountName(parameters: Parameters, name: string): string | undefined {
  return single(parameters, name)?.replaceAll(' ', '+') || undefined;
}

function tooMuch(limit: string, given: number): Failure {
  return new Failure('SCOPE_INVALID', { message: `a token request has at most ${limit}, and this one has ${given}` });
}

/** The value of a parameter that was given exactly once. */
export function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === 'string' ? value : undefined;
}

/** Clients repeat `scope` or put several into one, separated by spaces; both may be mixed. */
function all(parameters: Parameters, name: string): string[] {
  return [parameters[name]].flat().filter((value): value is string => typeof value === 'string');
}
