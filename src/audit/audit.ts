import type { EntityManager } from 'typeorm';
import { type Principal, principalKey } from '../access/principal.js';
import type { Database } from '../database/database.js';
import type { Reference } from '../oci/reference.js';
import { type AuditAction, auditActions } from './actions.js';
import { actorOf, type Origin, ofItself } from './origin.js';
import { type Change, insertEvent, type NewEvent, newEvent } from './record.js';

/** Something that happens so often that one row stands for an hour of it. */
interface Counted {
  readonly event: NewEvent;
  count: number;
}

export interface AuditLog {
  warn(fields: object, message: string): void;
}

/** Milliseconds between what happens and its row. What a crash overtakes within them is lost, which changes never are: those have `record`. */
const delay = 1000;
/** Rows waiting, of each kind; what comes on top is lost and the log says how much. */
const capacity = 10_000;
/** Rows of one transaction, so that no request waits long for its turn to write. */
const batch = 100;
const hour = 3_600_000;

/** Writes down what happens without changing a row: sign-ins, refusals, pulls. Nobody waits for it, and it never throws. */
export class Audit {
  #events: NewEvent[] = [];
  #counts = new Map<string, Counted>();
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly log: AuditLog,
    private readonly now: () => number = Date.now,
  ) {}

  /** One row for this. */
  note(action: AuditAction, name: string, origin: Origin, change?: Change): void {
    if (this.#events.length >= capacity) this.#lost++;
    else this.#events.push({ ...newEvent(action, name, origin, change), at: this.now() });
    this.#soon();
  }

  /** One row an hour for all of these by the same actor from the same address. */
  count(action: AuditAction, name: string, origin: Origin, change?: Change): void {
    const key = `${action}\n${origin.actor}\n${origin.address}\n${name}\n${change?.reference ?? ''}`;
    this.#count(key, () => newEvent(action, name, origin, change));
  }

  /**
   * One row an hour for all pulls of the same by the same actor. On the path of every pull: one that is known costs a look-up.
   * @param origin asked for when the row has to be made
   */
  pulled(principal: Principal, repository: string, reference: Reference, origin: () => Omit<Origin, 'actor'>): void {
    const text = reference.kind === 'tag' ? reference.tag : reference.digest;
    const key = `${principalKey(principal)}\n${repository}\n${text}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else {
      this.#count(key, () =>
        newEvent('pull', repository, { ...origin(), actor: actorOf(principal) }, { reference: text }),
      );
    }
  }

  /** Resolves when what happened so far is in the table, or could not be written for now. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => ofItself(() => this.#write()));
    return this.#flushing;
  }

  onModuleDestroy(): Promise<void> {
    return this.flush();
  }

  #count(key: string, event: () => NewEvent): void {
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#counts.size >= capacity) this.#lost++;
    else this.#counts.set(key, { event: { ...event(), at: this.now() }, count: 1 });
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), delay).unref();
  }

  async #write(): Promise<void> {
    const events = this.#events;
    const counts = [...this.#counts.values()];
    const lost = this.#lost;
    this.#events = [];
    this.#counts = new Map();
    this.#lost = 0;
    const lastAt = this.now();
    if (lost > 0) this.log.warn({ lost }, 'audit events lost, more happened than could be written');
    try {
      for (let at = 0; at < events.length; at += batch) {
        const some = events.slice(at, at + batch);
        await this.database.write(async (tx) => {
          for (const event of some) await insertEvent(tx, event);
        });
      }
      for (let at = 0; at < counts.length; at += batch) {
        const some = counts.slice(at, at + batch);
        await this.database.write(async (tx) => {
          for (const counted of some) await addCount(tx, counted, lastAt);
        });
      }
    } catch (error) {
      this.log.warn({ error, events: events.length, counts: counts.length }, 'audit events not written');
    }
  }
}

async function addCount(tx: Pick<EntityManager, 'sql'>, { event, count }: Counted, lastAt: number): Promise<void> {
  const start = Math.floor(event.at / hour) * hour;
  // Pulls are told apart without the address, and keep the first one.
  const address = event.action === 'pull' ? '' : event.address;
  const bucket = [start, event.action, event.actor, event.resource, event.reference, address].join('\n');
  await tx.sql`
    INSERT INTO audit_events (at, last_at, count, action, result, actor, resource, reference, address, user_agent, request_id, detail, bucket)
    VALUES (${event.at}, ${lastAt}, ${count}, ${event.action}, ${auditActions[event.action].result}, ${event.actor}, ${event.resource},
      ${event.reference}, ${event.address}, ${event.userAgent}, ${event.requestId}, ${event.detail}, ${bucket})
    ON CONFLICT (bucket) WHERE bucket IS NOT NULL
    DO UPDATE SET count = audit_events.count + excluded.count, last_at = excluded.last_at`;
}
