import { parse } from 'node:querystring';
import type { Parameters } from '../auth/tokens/token-request.js';
import { Failure } from '../errors/failure.js';

/** A scope may be a parameter of its own, or stand with others in one. */
const maxParameters = 1000;

/**
 * A query or a form: a name is taken as it is, so `scope[a]=b` is a parameter of that name and nothing else.
 * Throws BODY_TOO_LARGE for more parameters than a request for a token has.
 */
export function parseParameters(text: string): Parameters {
  if (text.split('&', maxParameters + 1).length > maxParameters)
    throw new Failure('BODY_TOO_LARGE', { message: `a token request has ${maxParameters} parameters at most` });
  return parse(text, undefined, undefined, { maxKeys: 0 });
}
