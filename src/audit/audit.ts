import { actorOf, type Origin, ofItself } from '../access/origin.js';
import { type Principal, principalKey } from '../access/principal.js';
import { clock } from '../async/clock.js';
import type { Database } from '../database/database.js';
import type { Reference } from '../oci/reference.js';
import type { AuditAction } from './actions.js';
import { addCount, insertEvent } from './audit-events.store.js';
import { bucketOf, type Counted, hourOf } from './counted-rows.js';
import { type Change, type NewEvent, newEvent } from './new-event.js';
import { PullsOfHour } from './pulls-of-hour.js';
import { RowsOfHour, several, theRest } from './rows-of-hour.js';

export interface AuditLog {
  warn(fields: object, message: string): void;
}

/** Milliseconds between what happens and its row. What a crash overtakes within them is lost, which changes never are: those have `record`. */
const delay = 1000;
/** Events of one actor that wait for a row each; further ones are counted. */
const mostNoted = 100;
/** Counts that wait with everything they are told apart by; further pulls are counted by actor. */
const mostCounts = 50_000;
/** Rows of one transaction, so that no request waits long for its turn to write. */
const batch = 100;

/** What is pulled from. */
export interface PulledFrom {
  readonly id: number;
  readonly name: string;
}

/**
 * Writes down what happens without changing a row: sign-ins, refusals, pulls. Nobody waits for it, and it never throws. However much
 * happens, what waits and what is written stay small: see {@link RowsOfHour} and {@link PullsOfHour}.
 */
export class Audit {
  readonly #rows = new RowsOfHour();
  readonly #pulls = new PullsOfHour();
  #events: NewEvent[] = [];
  #noted = new Map<string, number>();
  #counts = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly log: AuditLog,
  ) {}

  /** One row for this; counted when the same actor has done it a hundred times within a moment. */
  note(action: AuditAction, name: string, origin: Origin, change?: Change): void {
    const noted = this.#noted.get(origin.actor) ?? 0;
    if (noted >= mostNoted) {
      this.count(action, name, origin, change);
      return;
    }
    this.#noted.set(origin.actor, noted + 1);
    this.#events.push({ ...newEvent(action, name, origin, change), at: clock.wall() });
    this.#soon();
  }

  /**
   * One row an hour for all of these by the same actor from the same address, as far as there is room for rows. On the path of
   * every sign-in of a program: one that is known costs a look-up.
   */
  count(action: AuditAction, name: string, origin: Origin, change?: Change): void {
    const key = `${action}\n${origin.actor}\n${origin.address}\n${name}\n${change?.reference ?? ''}`;
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const event = { ...newEvent(action, name, origin, change), at: clock.wall() };
    const placed = this.#rows.place(event, hourOf(event));
    if (placed === event) this.#count(event, key);
    else this.#count(placed);
  }

  /**
   * One row an hour for all pulls of the same by the same actor. On the path of every pull: one that is known costs a look-up.
   * @param origin asked for when the row has to be made
   */
  pulled(principal: Principal, from: PulledFrom, reference: Reference, origin: () => Omit<Origin, 'actor'>): void {
    const text = reference.kind === 'tag' ? reference.tag : reference.digest;
    const key = `${principalKey(principal)}\n${from.id}\n${text}`;
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const change = { reference: text, repositoryId: from.id };
    const event = {
      ...newEvent('pull', from.name, { ...origin(), actor: actorOf(principal) }, change),
      at: clock.wall(),
    };
    if (this.#counts.size >= mostCounts) this.#count(theRest(event, several));
    else if (this.#pulls.hasRoom(event.actor, key, hourOf(event))) this.#count(event, key);
    else this.#count({ ...event, reference: several });
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

  #count(event: NewEvent, key = bucketOf(event)): void {
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else this.#counts.set(key, { event, count: 1 });
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), delay).unref();
  }

  async #write(): Promise<void> {
    const events = this.#events;
    const counts = [...this.#counts.values()];
    this.#events = [];
    this.#noted = new Map();
    this.#counts = new Map();
    const lastAt = clock.wall();
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
