import type { IncomingMessage } from 'node:http';
import type { Parameters } from '../auth/tokens/token-request.js';
import { Failure } from '../errors/failure.js';
import { withBody } from '../http/body.js';
import { hasType } from '../http/content-type.js';
import type { HeldBodies } from '../http/held-bodies.js';
import { parseParameters } from './parse-parameters.js';

/** Bytes. */
const maxForm = 64 * 1024;

/**
 * The parameters of a form (RFC 6749 appendix B). Throws UNSUPPORTED_MEDIA_TYPE for anything but a form in UTF-8 that is
 * not compressed, before a byte of it is read, BODY_TOO_LARGE as soon as it is, and TOO_MANY_REQUESTS.
 * @param holder the address whose memory it takes
 */
export async function readForm(request: IncomingMessage, held: HeldBodies, holder: string): Promise<Parameters> {
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (!hasType(request, 'application/x-www-form-urlencoded') || encoding.toLowerCase() !== 'identity')
    throw new Failure('UNSUPPORTED_MEDIA_TYPE');
  const tooLarge = () => new Failure('BODY_TOO_LARGE', { message: `a form has ${maxForm} bytes at most` });
  const options = { holder, limit: maxForm, tooLarge };
  const text = await withBody(request, held, options, async (body) => new TextDecoder().decode(body));
  return parseParameters(text);
}
