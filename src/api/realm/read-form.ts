import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import type { Parameters } from '../../auth/realm/token-request.js';
import { Failure } from '../../errors/failure.js';
import { readBody } from '../../registry/http/body.js';
import { hasType } from '../http/content-type.js';

/** Bytes. */
const maxForm = 64 * 1024;
const maxParameters = 1000;

/**
 * The parameters of a form (RFC 6749 appendix B). Throws UNSUPPORTED_MEDIA_TYPE for anything but a form in UTF-8 that is
 * not compressed, before a byte of it is read, and BODY_TOO_LARGE as soon as it is.
 */
export async function readForm(request: IncomingMessage): Promise<Parameters> {
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (!hasType(request, 'application/x-www-form-urlencoded') || encoding.toLowerCase() !== 'identity') {
    throw new Failure('UNSUPPORTED_MEDIA_TYPE');
  }
  const body = await readBody(request, maxForm, () => new Failure('BODY_TOO_LARGE'));
  const text = new TextDecoder().decode(body);
  if (text.split('&', maxParameters + 1).length > maxParameters) throw new Failure('BODY_TOO_LARGE');
  return parse(text);
}
