import type Handlebars from 'handlebars';
import type { Assets } from './assets.js';
import type { Locale } from './locale.js';

type Escaping = Pick<typeof Handlebars, 'escapeExpression' | 'SafeString'>;
type Values = Readonly<Record<string, string | number>>;

/** What the helpers find beside the view model, as Handlebars' `@data`. */
export interface RenderData {
  readonly locale: Locale;
  readonly now: number;
}

/** Where `rich` puts a value while the text around it is escaped. */
const marker = '\u0001';

/**
 * The helpers of the views. Those that answer markup escape every value in it themselves; everything else is escaped by
 * the template.
 */
export function makeHelpers({ escapeExpression, SafeString }: Escaping, assets: Assets): Handlebars.HelperDeclareSpec {
  const localeOf = ({ data }: Handlebars.HelperOptions): Locale => (data as RenderData).locale;
  const valuesOf = ({ hash }: Handlebars.HelperOptions): Values => hash;

  return {
    asset: (name: string) => assets.url(name),
    bytes: (size: number, options: Handlebars.HelperOptions) => localeOf(options).bytes(size),
    concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
    date: (time: Date, options: Handlebars.HelperOptions) => localeOf(options).date(time),
    eq: (one: unknown, other: unknown) => one === other,
    icon: (name: string, { hash }: Handlebars.HelperOptions) => {
      const classes = escapeExpression(hash.class === undefined ? 'i' : `i ${hash.class}`);
      const href = escapeExpression(`${assets.url('icons.svg')}#${name}`);
      return new SafeString(`<svg class="${classes}" aria-hidden="true"><use href="${href}"/></svg>`);
    },
    figure: (value: number, options: Handlebars.HelperOptions) => localeOf(options).figure(value),
    percent: (share: number, options: Handlebars.HelperOptions) => localeOf(options).percent(share),
    /** A text whose values stand out. */
    rich: (key: string, options: Handlebars.HelperOptions) => {
      const values = Object.entries(valuesOf(options));
      const places = Object.fromEntries(values.map(([name], at) => [name, `${marker}${at}${marker}`]));
      const text = escapeExpression(localeOf(options).t(key, places));
      return new SafeString(
        values.reduce(
          (html, [, value], at) =>
            html.replace(`${marker}${at}${marker}`, () => `<b>${escapeExpression(String(value))}</b>`),
          text,
        ),
      );
    },
    t: (key: string, options: Handlebars.HelperOptions) => localeOf(options).t(key, valuesOf(options)),
    time: (time: Date, options: Handlebars.HelperOptions) => {
      const locale = localeOf(options);
      const { now } = options.data as RenderData;
      const title = escapeExpression(locale.date(time));
      return new SafeString(
        `<time datetime="${time.toISOString()}" title="${title}">${escapeExpression(locale.ago(time, now))}</time>`,
      );
    },
  };
}
