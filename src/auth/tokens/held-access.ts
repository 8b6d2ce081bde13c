import { createHash } from 'node:crypto';
import { clock } from '../../async/clock.js';
import type { Scope } from '../../oci/scope.js';

/** Bytes of what is kept for one holder, about; and of what is kept at all. A list of a thousand scopes is about 160 KB. */
const mostOfHolder = 4 << 20;
const mostOfAll = 32 << 20;
/** What a scope takes beside the characters of its name, about. */
const scopeBytes = 144;

interface Held {
  readonly holder: string;
  readonly access: readonly Scope[];
  readonly bytes: number;
  /** When the last token that stands for it ends, in milliseconds since the epoch. */
  endsAt: number;
}

interface Holder {
  /** Of what is kept for them, the one asked for longest ago first. */
  readonly ids: Set<string>;
  bytes: number;
}

/**
 * What tokens allow that would be too long for a header if they said it themselves: they name it by its id. It is in memory only, so
 * it ends with the process, and whoever holds such a token is then told to ask for another. Who asks for the same again is given the
 * same. At its bounds the holder's own oldest goes, then what is over, then the oldest of whoever has most: nobody makes the
 * process large, and nobody who has one list loses it to somebody who has many.
 */
export class HeldAccess {
  /** The one asked for longest ago first, which is also the first to end. */
  readonly #held = new Map<string, Held>();
  /** Those who asked longest ago first. */
  readonly #holders = new Map<string, Holder>();
  #bytes = 0;

  /** @param graceMs how long after its end a token still counts for going on with an upload */
  constructor(private readonly graceMs: number) {}

  /**
   * Keeps it until a token of it has ended, and gives its id, which is no secret: only a signed token is asked for one.
   * @param holder an account, or an address where there is none
   * @param endsAt milliseconds since the epoch
   */
  keep(holder: string, access: readonly Scope[], endsAt: number): string {
    const text = JSON.stringify(access);
    const id = createHash('sha256').update(`${holder}\n${text}`).digest('base64url');
    const known = this.#held.get(id);
    if (known === undefined) this.#add(id, holder, text, endsAt);
    else this.#renew(id, known, endsAt);
    this.#makeRoom(id);
    return id;
  }

  /** Undefined when it is not kept any more. */
  find(id: string): readonly Scope[] | undefined {
    return this.#held.get(id)?.access;
  }

  /** About how many bytes all of it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  #add(id: string, name: string, text: string, endsAt: number): void {
    // Parsed anew: the names of the request are pieces of its text, which they would keep.
    const access: readonly Scope[] = JSON.parse(text);
    const bytes = access.reduce((sum, scope) => sum + scopeBytes + scope.name.length, 0);
    const holder = this.#holders.get(name) ?? { ids: new Set(), bytes: 0 };
    this.#holders.delete(name);
    this.#holders.set(name, holder);
    holder.ids.add(id);
    holder.bytes += bytes;
    this.#bytes += bytes;
    this.#held.set(id, { holder: name, access, bytes, endsAt });
  }

  #renew(id: string, held: Held, endsAt: number): void {
    held.endsAt = Math.max(held.endsAt, endsAt);
    this.#held.delete(id);
    this.#held.set(id, held);
    const holder = this.#holders.get(held.holder);
    if (holder === undefined) return;
    holder.ids.delete(id);
    holder.ids.add(id);
    this.#holders.delete(held.holder);
    this.#holders.set(held.holder, holder);
  }

  /** @param newest stays */
  #makeRoom(newest: string): void {
    const own = this.#holders.get(this.#held.get(newest)?.holder ?? '');
    while (own !== undefined && own.bytes > mostOfHolder && own.ids.size > 1) this.#drop(first(own.ids));
    const now = clock.wall();
    while ((this.#oldest()?.endsAt ?? now) + this.graceMs < now) this.#drop(first(this.#held.keys()));
    while (this.#bytes > mostOfAll && this.#held.size > 1) {
      const oldest = this.#oldest();
      this.#drop(oldest !== undefined && oldest.endsAt < now ? first(this.#held.keys()) : this.#dispensable());
    }
  }

  #oldest(): Held | undefined {
    return this.#held.values().next().value;
  }

  /** Of those who have most lists the one who asked longest ago, and of theirs the oldest. */
  #dispensable(): string | undefined {
    let most: Holder | undefined;
    for (const holder of this.#holders.values()) if (holder.ids.size > (most?.ids.size ?? 0)) most = holder;
    return most && first(most.ids);
  }

  #drop(id: string | undefined): void {
    const held = id === undefined ? undefined : this.#held.get(id);
    if (id === undefined || held === undefined) return;
    this.#held.delete(id);
    this.#bytes -= held.bytes;
    const holder = this.#holders.get(held.holder);
    if (holder === undefined) return;
    holder.ids.delete(id);
    holder.bytes -= held.bytes;
    if (holder.ids.size === 0) this.#holders.delete(held.holder);
  }
}

function first(ids: Iterable<string>): string | undefined {
  for (const id of ids) return id;
  return undefined;
}
