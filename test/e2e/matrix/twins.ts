import type { Answer } from '../../support/http.js';
import type { Request } from './request.js';
import { nameOf, type Row } from './table.js';
import { type ExpectedCell, inParallel, type Walker } from './walk.js';

/**
 * Asks each request that names a repository its caller may not pull, and once more for one that does not exist; those
 * whose two answers can be told apart.
 */
export async function differingTwins(
  walker: Walker,
  table: readonly Row[],
  requests: readonly Request<ExpectedCell>[],
): Promise<{ readonly asked: number; readonly differing: string[] }> {
  const twins = requests
    .filter(({ cell }) => !mayPull(table, cell))
    .flatMap((request) => {
      const twin = {
        ...request,
        path: missing(request.path),
        body: request.body && Buffer.from(missing(`${request.body}`)),
      };
      return twin.path === request.path && `${twin.body}` === `${request.body}` ? [] : [{ request, twin }];
    });
  const differing = await inParallel(twins, async ({ request, twin }) => {
    const [existing, absent] = [masked(await walker.ask(request)), masked(await walker.ask(twin))];
    const { route, caller, where } = request.cell;
    return existing === absent
      ? []
      : [`${nameOf(route)} ${where} ${caller.kind} by ${caller.way}: ${apart(existing, absent)}`];
  });
  return { asked: twins.length, differing: differing.flat() };
}

function mayPull(table: readonly Row[], { where, caller }: ExpectedCell): boolean {
  const row = table.find((candidate) => nameOf(candidate) === 'GET /v2/{name}/tags/list' && candidate.where === where);
  return row?.cells[caller.column] === 'ok';
}

/** The same for a repository of the same length that nobody ever made. */
function missing(text: string): string {
  return text.replaceAll(/(private|internal|public)(\/|%2F)app/g, '$1$2nix');
}

/** Everything a client sees of an answer but the name it asked for, the time and the number of the request. */
function masked({ status, headers, body }: Answer): string {
  const { date: _date, 'x-request-id': id, 'content-length': _length, ...rest } = headers;
  return JSON.stringify({ status, rest, body: body.toString() })
    .replaceAll(String(id), '…')
    .replaceAll(/(private|internal|public)(\/|%2F|%252F)(app|nix)/g, '$1$2…');
}

/** Where two texts part. */
function apart(one: string, other: string): string {
  const at = [...one].findIndex((character, index) => character !== other[index]);
  return `${one.slice(Math.max(0, at - 60), at + 60)} | ${other.slice(Math.max(0, at - 60), at + 60)}`;
}
