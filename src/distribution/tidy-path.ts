import { paths } from './routes.js';

/**
 * Where a path leads that has a slash too many, as clients write it whose address of the registry ends with one: CNCF Distribution sends
 * them there too. Undefined for every other path, and for one that leads nowhere without them either.
 */
export function tidyPath(path: string): string | undefined {
  if (!path.includes('//') && !path.endsWith('/')) return undefined; // nearly all
  const single = path.replace(/\/{2,}/g, '/');
  const belongs = single === '/v2/' || single.endsWith('/blobs/uploads/');
  const tidy = single.endsWith('/') && !belongs ? single.slice(0, -1) : single;
  return tidy !== path && paths.serves(tidy) && paths.match(tidy) !== undefined ? tidy : undefined;
}
