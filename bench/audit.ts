import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { auditActionNames, auditActions } from '../src/audit/actions.js';
import { Audit } from '../src/audit/audit.js';
import type { AuditFilter } from '../src/audit/audit-query.store.js';
import { AuditReader } from '../src/audit/audit-reader.js';
import { AuditRetention } from '../src/audit/audit-retention.js';
import { openDatabase } from '../src/database/open-database.js';
import { median, print, type Row } from './support/row.js';

/**
 * A million events: half of them of one actor, half on one repository, half from one address and half pulls, never two of these at once,
 * so that every pair of filters that matches half the table each matches nothing together: the worst case for combined filters.
 */
const total = Number(process.argv[2] ?? 1_000_000);
const hour = 3_600_000;
const common = { actor: 'user:ci', resource: 'repository:team/busy', address: '10.0.0.1', action: 'pull' } as const;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const file = join(directory, 'berth.db');
const database = await openDatabase({ file, entities: [], log: silent });
const reader = new AuditReader(database);
const now = Date.now();

function fill(): void {
  const handle = new SqliteFile(file);
  handle.pragma('cache_size = -600000'); // the indexes fit, which makes filling them bearable
  const insert = handle.prepare(`INSERT INTO audit_events
    (at, last_at, action, result, actor, resource, reference, address, user_agent, request_id, detail)
    VALUES (@at, @at, @action, @result, @actor, @resource, 'v1', @address, 'docker/27.0', 'r-1', '{}')`);
  const start = now - 300 * 24 * hour;
  handle.transaction(() => {
    for (let number = 0; number < total; number++) {
      const turn = number % 8; // which of the four common values this one has: never two
      const some = auditActionNames[number % auditActionNames.length] ?? 'push';
      const action = turn < 2 ? common.action : some === 'pull' ? 'push' : some;
      insert.run({
        at: start + Math.floor((number / total) * 300 * 24 * hour),
        action,
        result: auditActions[action].result,
        actor: turn >= 2 && turn < 4 ? common.actor : `user:u${number % 997}`,
        resource: turn >= 4 && turn < 6 ? common.resource : `repository:team/app-${number % 1009}`,
        address: turn >= 6 ? common.address : `10.1.${number % 200}.${number % 251}`,
      });
    }
  })();
  handle.pragma('wal_checkpoint(TRUNCATE)');
  handle.close();
}

/** The slowest page of the first ones in both orders, each the median of three, because the machine does other things too. */
async function slowest(filter: AuditFilter): Promise<number> {
  const taken: number[] = [];
  for (const order of ['newest', 'oldest'] as const) {
    let cursor: string | undefined;
    for (let page = 0; page < 3; page++) {
      const tries: number[] = [];
      for (let round = 0; round < 3; round++) {
        const started = performance.now();
        const read = await reader.page(filter, { limit: 100, order, ...(cursor !== undefined && { cursor }) });
        tries.push(performance.now() - started);
        if (round === 2) cursor = read.nextCursor;
      }
      taken.push(median(tries));
      if (cursor === undefined) break;
    }
  }
  return Math.max(...taken);
}

const rows: Row[] = [];
fill();
const parts: AuditFilter = {
  ...common,
  result: 'ok',
  from: new Date(now - 200 * 24 * hour),
  to: new Date(now - 24 * hour),
};
const names = Object.keys(parts) as (keyof AuditFilter)[];
let worst = { name: '', taken: 0 };
await reader.page({}, { limit: 1 }); // the thread starts
for (let bits = 0; bits < 2 ** names.length; bits++) {
  const chosen = names.filter((_name, bit) => bits & (1 << bit));
  const taken = await slowest(Object.fromEntries(chosen.map((name) => [name, parts[name]])));
  if (taken > worst.taken) worst = { name: chosen.join('+') || 'none', taken };
}
rows.push({
  measure: `slowest page of ${2 ** names.length} combinations of filters (${worst.name})`,
  unit: 'ms',
  better: 'less',
  figures: { berth: [worst.taken] },
  bar: { atMost: 100 },
});

const audit = new Audit(database, silent);
const events = 5_000;
const started = performance.now();
for (let number = 0; number < events; number++) {
  audit.note('push', `team/app-${number % 1009}`, { ...common, userAgent: 'docker/27.0', requestId: `r-${number}` });
}
await audit.flush();
rows.push({
  measure: 'insert, durable',
  unit: 'ms',
  better: 'less',
  figures: { berth: [(performance.now() - started) / events] },
  bar: { atMost: 1 },
});

const pulls = 1_000_000;
const counting = performance.now();
const source = () => ({ address: '10.0.0.1', userAgent: 'docker', requestId: 'r' });
const busy = { id: 1, name: 'team/busy' };
const tag = { kind: 'tag', tag: 'v1' as never } as const;
for (let number = 0; number < pulls; number++) {
  audit.pulled({ kind: 'user', id: 1, name: 'ci', role: 'user' }, busy, tag, source);
}
rows.push({
  measure: 'counting a pull',
  unit: 'µs',
  better: 'less',
  figures: { berth: [((performance.now() - counting) / pulls) * 1000] },
  bar: { atMost: 1 },
});
await audit.flush();

let exported = 0;
const exporting = performance.now();
for await (const piece of reader.all({})) {
  exported += piece.length;
  if (exported >= 100_000) break;
}
rows.push({
  measure: 'export of 100 000 events',
  unit: 's',
  better: 'less',
  figures: { berth: [(performance.now() - exporting) / 1000] },
});

const held: number[] = [];
await new AuditRetention(database, 290).sweep(undefined, (milliseconds) => held.push(milliseconds));
rows.push({
  measure: `longest batch of the sweep (${held.length} batches)`,
  unit: 'ms',
  better: 'less',
  figures: { berth: [Math.max(...held)] },
  bar: { atMost: 50 },
});
await database.close();
await rm(directory, { recursive: true });
print(rows);
