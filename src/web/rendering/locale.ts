import type { Language } from '../../config/config.js';
import type { Translate } from '../../languages/languages.js';

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Milliseconds up to which each unit is used. */
const spans: readonly (readonly [limit: number, unit: Intl.RelativeTimeFormatUnit, size: number])[] = [
  [3_600_000, 'minute', 60_000],
  [86_400_000, 'hour', 3_600_000],
  [30 * 86_400_000, 'day', 86_400_000],
  [365 * 86_400_000, 'month', 30 * 86_400_000],
  [Number.POSITIVE_INFINITY, 'year', 365 * 86_400_000],
];

/** How one language writes figures, sizes and times, in one time zone. */
export class Locale {
  readonly zone: string;
  readonly #figure: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;

  constructor(
    readonly language: Language,
    readonly t: Translate,
    timeZone: string | undefined,
  ) {
    this.#figure = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    this.#percent = new Intl.NumberFormat(language, { style: 'percent' });
    this.#date = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      dateStyle: 'medium',
      timeStyle: 'short',
      hourCycle: 'h23',
      timeZone,
    });
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
    this.zone = zoneName(timeZone);
  }

  figure(value: number): string {
    return this.#figure.format(value);
  }

  /** Decimal units, as docker writes them. */
  bytes(size: number): string {
    const power = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1);
    return `${this.#figure.format(size / 1000 ** power)} ${units[power]}`;
  }

  /** @param share 0 to 1; what is not nothing is never written as 0 % */
  percent(share: number): string {
    return this.#percent.format(share > 0 ? Math.max(share, 0.01) : 0);
  }

  date(time: Date): string {
    return this.#date.format(time);
  }

  /** How long ago; a time to come counts as now, because clocks differ. */
  ago(time: Date, now: number): string {
    const age = now - time.getTime();
    if (age < 60_000) return this.t('common.now');
    for (const [limit, unit, size] of spans)
      if (age < limit) return spaced(this.#relative.format(-Math.floor(age / size), unit));
    return this.date(time);
  }

  list(items: readonly string[]): string {
    return items.join(this.t('common.separator'));
  }
}

/** Chinese is set with a space between a numeral and its words, which Intl leaves out. */
function spaced(text: string): string {
  return text.replace(/(\d)(?=\p{Script=Han})/gu, '$1 ');
}

/** `Asia/Shanghai (UTC+8)`. */
function zoneName(timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  const name = format.resolvedOptions().timeZone;
  const offset = format
    .formatToParts()
    .find(({ type }) => type === 'timeZoneName')
    ?.value.replace('GMT', 'UTC');
  return name === 'UTC' ? name : `${name} (${offset})`;
}
