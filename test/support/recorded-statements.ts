import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { projectRoot } from '../../src/config/project-root.js';

/** Writes the text of every statement that a process, or a thread of it, compiles into a file, one JSON string a line. */
const recorder = (file: string) => `
  import { appendFileSync } from 'node:fs';
  import { createRequire } from 'node:module';
  const Database = createRequire(${JSON.stringify(join(projectRoot(), 'package.json'))})('better-sqlite3');
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (sql, ...rest) {
    appendFileSync(${JSON.stringify(file)}, JSON.stringify(sql) + '\\n');
    return prepare.call(this, sql, ...rest);
  };`;

/** One step of a statement that reads more than it answers, and the statement. */
export interface Slow {
  readonly sql: string;
  readonly step: string;
}

/** The statements that a Berth started with `env` compiles. */
export class RecordedStatements {
  private constructor(
    private readonly directory: string,
    private readonly file: string,
  ) {}

  static async create(): Promise<RecordedStatements> {
    const directory = await mkdtemp(join(tmpdir(), 'berth-statements-'));
    return new RecordedStatements(directory, join(directory, 'statements'));
  }

  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder(this.file))}` };
  }

  /** All so far, each once. */
  async all(): Promise<string[]> {
    const lines = (await readFile(this.file, 'utf8')).trimEnd().split('\n');
    return [...new Set(lines.map((line): string => JSON.parse(line)))];
  }

  /** Asks SQLite how it goes about those that read or change rows: what scans a table, or sorts what it found. How a subquery comes by its rows is a step of its own. */
  async slow(dataDir: string, statements: readonly string[]): Promise<Slow[]> {
    const database = new Sqlite(join(dataDir, 'berth.db'), { readonly: true });
    try {
      return statements
        .filter((sql) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/i.test(sql))
        .flatMap((sql) => {
          const plan = planOf(database, sql);
          return plan
            .filter((step) => isSlow(step) && !isOwn(step, plan))
            .map((step) => ({ sql: sql.replaceAll(/\s+/g, ' ').trim(), step }));
        });
    } finally {
      database.close();
    }
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

function isSlow(step: string): boolean {
  return /^SCAN (?!\(subquery-|CONSTANT ROW|\d+-ROW VALUES|\w+ VIRTUAL TABLE)|TEMP B-TREE/.test(step);
}

/** Whether it goes through the rows of a named subquery of the same statement. */
function isOwn(step: string, plan: readonly string[]): boolean {
  const [, name] = /^SCAN (\w+)$/.exec(step) ?? [];
  return name !== undefined && plan.some((other) => other === `CO-ROUTINE ${name}` || other === `MATERIALIZE ${name}`);
}

/** better-sqlite3 wants a value for every parameter, and SQLite plans without looking at them. */
function planOf(database: Sqlite.Database, sql: string): string[] {
  const parameters = new Array<null>(Math.max(sql.split('?').length - 1, sql.split(/[:@$]\w/).length - 1)).fill(null);
  const plan = database.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return plan.map(({ detail }) => detail);
}
