import { Agent } from 'node:http';
import { type Answer, send } from '../../support/http.js';
import type { Caller } from './callers.js';
import { apiRecipes } from './recipes-api.js';
import { pageRecipes } from './recipes-pages.js';
import { registryRecipes } from './recipes-registry.js';
import { type Cell, type Kitchen, makeRequest, type Request } from './request.js';
import type { Route } from './routes.js';
import { nameOf, type Outcome, type Row, rowsOf } from './table.js';

export const recipes = { ...registryRecipes, ...apiRecipes, ...pageRecipes };

export interface ExpectedCell extends Cell {
  readonly expected: Outcome;
}

/** A cell that answers something else than the table says. */
export interface Difference {
  readonly cell: string;
  readonly expected: string;
  readonly answered: string;
}

const together = 24;

/** Every cell, once for each way its caller has of asking there. */
export function cellsOf(
  routes: readonly Route[],
  table: readonly Row[],
  callersOf: (route: Route) => readonly Caller[],
): ExpectedCell[] {
  return routes.flatMap((route) =>
    rowsOf(route, table).flatMap(({ where, row }) =>
      callersOf(route).map((caller) => {
        const expected = expectedFor(route, row, caller);
        return { route, where, caller, expected, allowed: expected === 'ok' };
      }),
    ),
  );
}

/** The table says what a password gets. Whoever comes with a registry token may get a better one, hence 401; with nothing everybody is asked to. */
export function expectedFor({ surface }: Route, { cells }: Row, { column, way }: Caller): Outcome {
  const expected = cells[column];
  if (surface !== 'registry') return expected;
  if (way === 'nothing') return '401';
  return way === 'token' && expected === '403' ? '401' : expected;
}

export function reads({ route: { method } }: Cell): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Asks for cells, many at a time. */
export class Walker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: together });

  constructor(private readonly kitchen: Kitchen) {}

  end(): void {
    this.#agent.destroy();
  }

  /** The requests of cells, with everything made that they need. */
  prepare<C extends Cell>(cells: readonly C[]): Promise<Request<C>[]> {
    return inParallel(cells, (cell) => makeRequest(cell, recipes[nameOf(cell.route)], this.kitchen));
  }

  ask({ caller, method, path, headers, body }: Request): Promise<Answer> {
    return this.#send(caller, method, path, headers, body);
  }

  /** Those that answer something else than is expected. */
  async differences(requests: readonly Request<ExpectedCell>[]): Promise<Difference[]> {
    const found = await inParallel(requests, async (request) => {
      const { expected, caller, route, where } = request.cell;
      const answered = outcomeOf(await this.ask(request));
      return answered === expected
        ? []
        : [{ cell: `${nameOf(route)} ${where} ${caller.kind} by ${caller.way}`, expected, answered }];
    });
    return found.flat();
  }

  async #send(
    caller: Caller,
    method: string,
    path: string,
    headers: Request['headers'],
    body: Buffer | undefined,
  ): Promise<Answer> {
    const [, repository = 'private/app'] = /^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(path) ?? [];
    const own = await caller.headers(repository);
    return send(this.kitchen.objects.berth.url, path, {
      ...{ method, body, headers: { ...headers, ...own }, agent: this.#agent },
    });
  }
}

/** As the table writes it. A form that has done something leads somewhere else and leaves a word for the next page. */
export function outcomeOf({ status, headers }: Pick<Answer, 'status' | 'headers'>): string {
  if (status < 300) return 'ok';
  if (status >= 400) return String(status);
  const toSignIn = headers.location?.startsWith('/sign-in') && headers['set-cookie'] === undefined;
  return toSignIn ? 'in' : 'ok';
}

/** The results in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: together }, worker));
  return results;
}
