import { writeYaml } from '../text/write-yaml.js';
import { isRow, type Row } from './client.js';
import { escaped, padText, plainText, textWidth } from './text-width.js';

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** A column of a table: its heading, and the field it shows or how it is made of the row. */
export type Column = readonly [heading: string, value: string | ((row: Row) => unknown)];

export interface OutputOptions {
  readonly format: Format;
  /** Only the names, one on a line; nothing where there is none to tell. */
  readonly quiet: boolean;
  readonly colour: boolean;
  readonly write: (text: string) => void;
}

/** What a command says on standard output. */
export class Output {
  constructor(private readonly options: OutputOptions) {}

  /** One that says nothing more once `over` says so. */
  until(over: () => boolean): Output {
    const { write } = this.options;
    return new Output({ ...this.options, write: (text) => void (over() || write(text)) });
  }

  /** @param key the field that names a row, for `--quiet` */
  async list(rows: AsyncIterable<Row> | readonly Row[], columns: readonly Column[], key: string): Promise<void> {
    const all: Row[] = [];
    for await (const row of rows) {
      if (this.options.quiet) this.#line(plainText(cell(row[key])));
      else all.push(row);
    }
    if (this.options.quiet) return;
    if (this.options.format === 'table') this.options.write(this.#table(all, columns));
    else await this.#document(all);
  }

  /**
   * One thing: a line for each of its fields.
   * @param fields in place of all, where they are too many for people
   */
  async show(row: Row, key: string, fields?: readonly Column[]): Promise<void> {
    if (this.options.quiet) this.#line(plainText(cell(row[key])));
    else if (this.options.format !== 'table') await this.#document(row);
    else {
      const shown = fields ?? Object.keys(row).map((name) => [name, name] as const);
      const names = shown.map(([name]) => plainText(name)); // a server chose them too
      const width = widest(names);
      for (const [at, [, value]] of shown.entries()) {
        this.#line(`${padText(names[at] ?? '', width)}  ${plainText(valueIn(row, value))}`);
      }
    }
  }

  /** One thing that has just been made, with the secret that is never shown again: with `--quiet` that alone. */
  async showOnce(row: Row, secret: string): Promise<void> {
    await this.show(row, secret in row ? secret : '');
  }

  /** That something is done. People read it; `--quiet` and the formats for programs leave it out. */
  done(sentence: string): void {
    if (!this.options.quiet && this.options.format === 'table') this.#line(plainText(sentence));
  }

  #line(text: string): void {
    if (text !== '') this.options.write(`${text}\n`);
  }

  #table(rows: readonly Row[], columns: readonly Column[]): string {
    const values = rows.map((row) => columns.map(([, value]) => plainText(valueIn(row, value))));
    const headings = columns.map(([heading]) => heading.toUpperCase());
    const widths = headings.map((heading, i) => Math.max(heading.length, widest(values.map((v) => v[i] ?? ''))));
    const line = (cells: readonly string[]) =>
      cells
        .map((text, i) => padText(text, widths[i] ?? 0))
        .join('  ')
        .trimEnd();
    const head = this.options.colour ? `\u001b[1m${line(headings)}\u001b[0m` : line(headings);
    return `${[head, ...values.map(line)].join('\n')}\n`;
  }

  async #document(value: unknown): Promise<void> {
    if (this.options.format === 'json') return this.options.write(`${escaped(JSON.stringify(value, null, 2))}\n`);
    this.options.write(escaped(await writeYaml(value)));
  }
}

/** Columns of the widest; of any number of texts, where a call takes some ten thousand arguments only. */
function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), 0);
}

function valueIn(row: Row, value: Column[1]): string {
  return cell(typeof value === 'string' ? row[value] : value(row));
}

/** A value in a table, as people read it and whatever it is: of an object a server made, even `String` can fail. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cell).join(', ');
  if (!isRow(value)) return String(value);
  if ('name' in value && 'type' in value) return `${cell(value.type)}:${cell(value.name)}`;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return members.map(([name, member]) => `${name}=${isRow(member) ? `(${cell(member)})` : cell(member)}`).join(' ');
}

/** A time of the API to the second, in UTC. */
export function time(field: string): (row: Row) => string {
  return (row) =>
    cell(row[field])
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z');
}

export function yesNo(field: string): (row: Row) => string {
  return (row) => (row[field] === true ? 'yes' : 'no');
}

/** Bytes as people read them, in decimal units as docker and the console write them. */
export function size(field: string): (row: Row) => string {
  return (row) => bytesText(row[field]);
}

export function bytesText(bytes: unknown): string {
  if (typeof bytes !== 'number') return '';
  let value = bytes;
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${Math.round(value * 10) / 10} ${units[unit]}`;
}

/** Who did it, as the audit names them. */
export function named(field: string): (row: Row) => unknown {
  return (row) => {
    const value = row[field];
    if (!isRow(value)) return '';
    return value.name === undefined ? cell(value.kind) : `${cell(value.kind)}:${cell(value.name)}`;
  };
}
