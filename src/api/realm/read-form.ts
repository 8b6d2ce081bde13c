import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import type { Parameters } from '../../auth/realm/token-request.js';
import { Failure } from '../../errors/failure.js';
import { withBody } from '../../registry/http/body.js';
import type { HeldBodies } from '../../registry/http/held-bodies.js';
import { hasType } from '../http/content-type.js';

/** Bytes. */
const maxForm = 64 * 1024;
const maxParameters = 1000;

/**
 * The parameters of a form (RFC 6749 appendix B). Throws UNSUPPORTED_MEDIA_TYPE for anything but a form in UTF-8 that is
 * not compressed, before a byte of it is read, BODY_TOO_LARGE as soon as it is, and TOO_MANY_REQUESTS.
 * @param holder the address whose memory it takes
 */
export async function readForm(request: IncomingMessage, held: HeldBodies, holder: string): Promise<Parameters> {
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (!hasType(request, 'application/x-www-form-urlencoded') || encoding.toLowerCase() !== 'identity') {
    throw new Failure('UNSUPPORTED_MEDIA_TYPE');
  }
  const options = { holder, limit: maxForm, tooLarge: () => new Failure('BODY_TOO_LARGE') };
  const text = await withBody(request, held, options, async (body) => new TextDecoder().decode(body));
  if (text.split('&', maxParameters + 1).length > maxParameters) throw new Failure('BODY_TOO_LARGE');
  return parse(text);
}
