import type { IncomingMessage } from 'node:http';
import { type Pace, smallPace } from '../http/body.js';
import { pathOf } from './path-table.js';
import type { DataPlaneRoute } from './route.js';
import { paths } from './routes.js';

const manifestPace: Pace = { ms: 60_000, bytesPerSecond: 4096 };

/** How slowly the body of this request may come; undefined for a layer, which may take all the time in the world as long as it moves. */
export function bodyPace(request: IncomingMessage): Pace | undefined {
  const takes = routeOf(request)?.takes;
  if (takes === 'blob') return undefined;
  return takes === 'manifest' ? manifestPace : smallPace;
}

/** Whether somebody who came with a credential sends or fetches a blob. */
export function isTransfer(request: IncomingMessage): boolean {
  if (request.headers.authorization === undefined) return false;
  const route = routeOf(request);
  return route?.takes === 'blob' || route?.gives === 'blob';
}

function routeOf({ method = '', url = '' }: IncomingMessage): DataPlaneRoute | undefined {
  return paths.serves(url) ? paths.match(pathOf(url))?.resource.methods.get(method) : undefined;
}
