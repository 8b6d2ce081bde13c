import type { IncomingMessage } from 'node:http';

/** Characters of the names and values of all headers. */
const mostOfHeaders = 16 * 1024;
/** Characters of the target; one of the token realm names many scopes. */
const mostOfTarget = 16 * 1024;
const mostOfTokenTarget = 32 * 1024;

/** A client that takes us for a proxy writes the whole address. */
const forToken = /^(?:https?:\/\/[^/?]*)?\/token(?:[/?]|$)/i;

/** Bytes of a head that are read before it is given up. */
export const mostOfHead = mostOfHeaders + mostOfTokenTarget;

/** What is said of a head that is too large, in one sentence. */
export const headTooLarge =
  `a request has at most ${mostOfHeaders} bytes of headers and an address of ${mostOfTarget}, ` +
  `one for a token of ${mostOfTokenTarget}: POST takes more`;

export function isHeadTooLarge({ url = '', rawHeaders }: Pick<IncomingMessage, 'url' | 'rawHeaders'>): boolean {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length;
  if (bytes > mostOfHeaders) return true;
  return url.length > mostOfTarget && (url.length > mostOfTokenTarget || !forToken.test(url));
}
