import { cutText } from '../text/cut-text.js';

/** Where a value stands in a document. */
export interface Place {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  /** Entries of a list or an object; 0 of anything else. */
  readonly count: number;
}

export interface Entry {
  /** Undefined in a list. */
  readonly key?: Place;
  readonly value: Place;
}

/** How much of a list is taken: the first so many, and of those what fits so many bytes as JSON. */
export interface Most {
  readonly count: number;
  readonly bytes: number;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const lastSpace = 0x20;

/** Members of an object that are looked at for one of a name; documents of images have some twenty. */
const mostMembers = 1000;
/** Bytes of the longest escape of one UTF-16 unit: `\u0000`. */
const longestEscape = 6;
/** Longest key that can be asked for, and longest number. */
const shortBytes = 64;

/**
 * A JSON document read where it stands. What is asked for becomes values, the rest is walked over byte by byte: a document of any
 * shape and depth takes a few milliseconds a megabyte at most, and no memory. It does not check the grammar; of bytes that are no
 * JSON it gives what can be made out, or nothing.
 */
export class JsonText {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The object that the document is; undefined when it is none, not whole, or not alone. */
  root(): Place | undefined {
    const start = this.#skipSpace(0);
    if (this.#bytes[start] !== openObject) return undefined;
    const place = this.#value(start);
    return place !== undefined && this.#skipSpace(place.end) === this.#bytes.length ? place : undefined;
  }

  /** As {@link root}, for a document that was parsed once and is known to be an object: it is not walked to its end. */
  knownRoot(): Place {
    return { start: this.#skipSpace(0), end: this.#bytes.length, count: 0 };
  }

  /** The members of these names, the last of each; nothing of what is no object. */
  pick<Name extends string>(place: Place | undefined, ...names: Name[]): Partial<Record<Name, Place>> {
    const found: Partial<Record<Name, Place>> = {};
    let left = mostMembers;
    for (const { key, value } of this.entries(place)) {
      const name = key && key.end - key.start <= shortBytes ? this.text(key, shortBytes) : undefined;
      const wanted = names.find((candidate) => candidate === name);
      if (wanted !== undefined) found[wanted] = value;
      if (--left === 0) break;
    }
    return found;
  }

  /** The entries of a list or an object, each read when it is its turn; none of anything else. */
  *entries(place: Place | undefined): Generator<Entry> {
    if (place === undefined || !this.#isContainer(place.start)) return;
    const keyed = this.#bytes[place.start] === openObject;
    for (let at = this.#skipSpace(place.start + 1); at < place.end - 1; ) {
      const key = keyed ? this.#value(at) : undefined;
      if (keyed) at = this.#skipSpace(this.#behind(key?.end ?? place.end, colon));
      const value = at < place.end ? this.#value(at) : undefined;
      if (value === undefined || value.end === at) return;
      yield key === undefined ? { value } : { key, value };
      at = this.#skipSpace(this.#behind(value.end, comma));
    }
  }

  /** What `read` makes of the first entries; those it makes nothing of are left out. */
  take<T>(place: Place | undefined, most: Most, read: (entry: Entry) => T | undefined): T[] {
    const items: T[] = [];
    let left = most.count;
    let bytes = 0;
    for (const entry of this.entries(place)) {
      if (left-- === 0) break;
      const item = read(entry);
      if (item === undefined) continue;
      bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
      if (bytes > most.bytes) break;
      items.push(item);
    }
    return items;
  }

  /** The first members that are strings, keys and values cut as {@link text} does. A key that comes twice has its last value. */
  texts(place: Place | undefined, most: Most, longest: number): Record<string, string> {
    const pair = ({ key, value }: Entry): [string, string] | undefined => {
      const [name, text] = [this.text(key, longest), this.text(value, longest)];
      return name === undefined || text === undefined ? undefined : [name, text];
    };
    return Object.fromEntries(this.take(place, most, pair));
  }

  /** A string, cut to so many UTF-16 units with `…` as the last; undefined for anything else. */
  text(place: Place | undefined, longest: number): string | undefined {
    if (place === undefined || this.#bytes[place.start] !== quote) return undefined;
    const end = Math.min(place.end - 1, place.start + 1 + (longest + 1) * longestEscape);
    // Where it is cut, the end may stand inside an escape.
    for (let cut = 0; cut < longestEscape; cut++) {
      const text = parsed(this.#bytes.toString('utf8', place.start + 1, end - cut));
      if (text !== undefined) return cutText(text, longest);
      if (end === place.end - 1) return undefined;
    }
    return undefined;
  }

  /** A number; undefined for anything else. */
  number(place: Place | undefined): number | undefined {
    if (place === undefined || place.end - place.start > shortBytes) return undefined;
    const text = this.#bytes.toString('latin1', place.start, place.end);
    return /^-?\d/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
  }

  isTrue(place: Place | undefined): boolean {
    return place !== undefined && this.#bytes.toString('latin1', place.start, place.start + 4) === 'true';
  }

  /** The place, if an object is there. */
  object(place: Place | undefined): Place | undefined {
    return place !== undefined && this.#bytes[place.start] === openObject ? place : undefined;
  }

  /** The place, if a list is there. */
  list(place: Place | undefined): Place | undefined {
    return place !== undefined && this.#bytes[place.start] === openList ? place : undefined;
  }

  /** The value that begins here; undefined when it does not end. */
  #value(start: number): Place | undefined {
    if (this.#bytes[start] === quote) {
      const end = this.#endOfString(start);
      return end === -1 ? undefined : { start, end, count: 0 };
    }
    return this.#isContainer(start) ? this.#container(start) : { start, end: this.#endOfWord(start), count: 0 };
  }

  #container(start: number): Place | undefined {
    const bytes = this.#bytes;
    const { length } = bytes;
    let depth = 0;
    let commas = 0;
    for (let at = start; at < length; at++) {
      switch (bytes[at]) {
        case quote:
          at = this.#endOfString(at) - 1;
          if (at < 0) return undefined;
          break;
        case openList:
        case openObject:
          depth++;
          break;
        case closeList:
        case closeObject:
          if (--depth > 0) break;
          return { start, end: at + 1, count: this.#skipSpace(start + 1) === at ? 0 : commas + 1 };
        case comma:
          if (depth === 1) commas++;
      }
    }
    return undefined;
  }

  /** Behind the closing quote; -1 when there is none. */
  #endOfString(start: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    for (let at = start + 1; at < length; at++) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) at++;
    }
    return -1;
  }

  #endOfWord(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? lastSpace;
      if (byte <= lastSpace || byte === comma || byte === closeList || byte === closeObject) break;
    }
    return at;
  }

  #skipSpace(from: number): number {
    let at = from;
    while ((this.#bytes[at] ?? quote) <= lastSpace) at++;
    return at;
  }

  /** Behind this mark, when it comes next; otherwise there is nothing more to read. */
  #behind(from: number, mark: number): number {
    const at = this.#skipSpace(from);
    return this.#bytes[at] === mark ? at + 1 : this.#bytes.length;
  }

  #isContainer(at: number): boolean {
    return this.#bytes[at] === openObject || this.#bytes[at] === openList;
  }
}

function parsed(inner: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${inner}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
