import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Failure } from '../../errors/failure.js';
import { isDataPlane, parsePath } from './path.js';
import { findRoute, type Operation } from './routes.js';

/** The announced length in bytes; undefined for a chunked body. */
export function bodyLength(headers: IncomingHttpHeaders): number | undefined {
  if (headers['transfer-encoding'] !== undefined) {
    return undefined;
  }
  return Number(headers['content-length'] ?? 0);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return bodyLength(headers) !== 0;
}

/** The whole body, for manifests. As {@link readBody}: MANIFEST_TOO_LARGE. */
export async function readManifest(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new Failure('MANIFEST_TOO_LARGE', { message: `a manifest may have ${limit} bytes at most` });
  return await readBody(request, limit, tooLarge);
}

/** The whole body. Stops reading as soon as it is longer than `limit` bytes, or does not start when it says so, and throws what `tooLarge` makes. */
export async function readBody(request: IncomingMessage, limit: number, tooLarge: () => Failure): Promise<Buffer> {
  if ((bodyLength(request.headers) ?? 0) > limit) {
    throw tooLarge();
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // The request stays open when we stop early: its answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      throw tooLarge();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** How slowly a body may come: `ms` for all of it, and longer by what it brings at this rate. */
export interface Pace {
  readonly ms: number;
  readonly bytesPerSecond: number;
}

/** For bodies that are read whole: a few KiB that a person or a program typed. */
export const smallPace: Pace = { ms: 30_000, bytesPerSecond: 4096 };
const manifestPace: Pace = { ms: 60_000, bytesPerSecond: 4096 };

/** How slowly the body of this request may come; undefined for a layer, which may take all the time in the world as long as it moves. */
export function bodyPace({ method = '', url = '' }: IncomingMessage): Pace | undefined {
  const operation = operationOf(method, url);
  if (operation === 'putManifest') return manifestPace;
  return operation !== undefined && uploads.has(operation) ? undefined : smallPace;
}

const uploads: ReadonlySet<string> = new Set<Operation>(['startUpload', 'appendToUpload', 'finishUpload']);

/** Whether somebody who came with a credential sends or fetches a blob. */
export function isTransfer({ method = '', url = '', headers }: IncomingMessage): boolean {
  const operation = operationOf(method, url);
  if (headers.authorization === undefined || operation === undefined) return false;
  return operation === 'getBlob' || uploads.has(operation);
}

function operationOf(method: string, url: string): Operation | undefined {
  if (!isDataPlane(url)) return undefined;
  const path = parsePath(url.split('?', 1)[0] ?? '');
  return path && findRoute(path.resource, method)?.operation;
}
