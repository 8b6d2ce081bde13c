import type { IncomingMessage } from 'node:http';
import { type Pace, smallPace } from '../http/body.js';
import { isDataPlane, parsePath } from './path.js';
import { findRoute, type Operation } from './routes.js';

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
