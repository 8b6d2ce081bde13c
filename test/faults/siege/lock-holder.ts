import { setTimeout as delay } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { SiegePlan } from './plan.js';

/** Milliseconds for which the database is held each time: what writes then has to wait, and still be there in time. */
const held = 3_000;
const free = 7_000;

/** Another process that holds the database again and again, as a shell or a backup tool does. Its one argument is the plan as JSON. */
const plan: SiegePlan = JSON.parse(process.argv[2] ?? '');
const database = new Sqlite(plan.database, { timeout: 100 });
const end = performance.now() + plan.seconds * 1_000;
while (performance.now() + held < end) {
  try {
    database.exec('BEGIN IMMEDIATE');
    await delay(held);
    database.exec('ROLLBACK');
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error; // the server had the lock
  }
  await delay(Math.max(0, Math.min(free, end - performance.now())));
}
database.close();
