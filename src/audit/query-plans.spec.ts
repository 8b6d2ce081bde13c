import { type TemporaryDatabase, temporaryDatabase } from '../../test/support/temporary-database.js';
import { type AuditFilter, auditQuery } from './audit-query.store.js';

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await temporaryDatabase({ entities: [] });
});
afterAll(() => temporary.remove());

const parts: AuditFilter = {
  action: 'push',
  actor: 'user:ada',
  resource: 'repository:team/app',
  result: 'ok',
  address: '10.0.0.1',
  from: new Date(1),
  to: new Date(2),
};
const names = Object.keys(parts) as (keyof AuditFilter)[];
/** Every combination of filters. */
const filters = Array.from({ length: 2 ** names.length }, (_, bits) =>
  Object.fromEntries(names.filter((_name, bit) => bits & (1 << bit)).map((name) => [name, parts[name]])),
) as AuditFilter[];

async function plan(
  filter: AuditFilter,
  order: 'newest' | 'oldest',
  after?: { at: number; id: number },
): Promise<string[]> {
  const query = auditQuery(filter, { limit: 101, order, after });
  if (query === undefined) throw new Error('nothing can match');
  const rows = await temporary.database
    .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${query.sql}`)
    .list(...query.values);
  return rows.map(({ detail }) => detail);
}

/** What a step of a plan finds its rows by; the rows of the page themselves are found by their number. */
function indexOf(step: string): string | undefined {
  const [, index] = /audit_events USING (?:COVERING )?INDEX audit_events_(\w+)/.exec(step) ?? [];
  return /audit_events\b/.test(step) && !/PRIMARY KEY/.test(step) ? (index ?? step) : undefined;
}

/** The one index whose columns are fixed by everything the filter names, however little its parts say apart. */
function expected(filter: AuditFilter): string {
  const named = (['actor', 'resource', 'address'] as const).filter((name) => filter[name] !== undefined);
  if (named.length === 0) return filter.action === undefined && filter.result === undefined ? 'time' : 'action';
  return named.length === 2 ? `${named.join('_')}_action` : named.join('_');
}

describe.each(['newest', 'oldest'] as const)('%s first', (order) => {
  test.each(filters.map((filter) => [Object.keys(filter).join(' + ') || 'everything', filter] as const))(
    '%s is sought in an index',
    async (_name, filter) => {
      for (const after of [undefined, { at: 5, id: 5 }]) {
        const steps = await plan(filter, order, after);
        // Walking an index in its order ends with the page; the merge of one page for each action is sorted in memory.
        const ordered = /^SCAN audit_events USING INDEX audit_events_time/;
        const merged = /^SCAN (page|arms?|\(subquery-\d+\))$/;
        expect(steps.filter((step) => step.startsWith('SCAN') && !ordered.test(step) && !merged.test(step))).toEqual(
          [],
        );
        expect(new Set(steps.map(indexOf).filter((index) => index !== undefined))).toEqual(new Set([expected(filter)]));
      }
    },
  );
});

test.each(names.filter((name) => name !== 'from' && name !== 'to'))(
  'a filter by %s alone walks nothing',
  async (name) => {
    const steps = await plan({ [name]: parts[name] }, 'newest');
    expect(steps.filter((step) => /^SCAN audit_events/.test(step))).toEqual([]);
  },
);
