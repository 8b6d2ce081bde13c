import { Failure } from '../errors/failure.js';
import { renderOci } from '../errors/render-oci.js';
import { headTooLarge } from './head-size.js';

/** The whole answer to what Node could not read as a request, by the code of its error; empty when it was the connection that failed. */
export function answerToUnreadable(code: string): string {
  if (code === 'HPE_HEADER_OVERFLOW') return whole('431 Request Header Fields Too Large', tooLarge.body);
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return whole('413 Payload Too Large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return whole('408 Request Timeout');
  return code.startsWith('HPE_') ? whole('400 Bad Request') : '';
}

const tooLarge = renderOci(new Failure('HEAD_TOO_LARGE', { message: headTooLarge }), '');

function whole(status: string, body = ''): string {
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  return `HTTP/1.1 ${status}\r\n${type}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
