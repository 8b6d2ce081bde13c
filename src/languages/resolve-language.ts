import type { Language } from '../config/config.js';

/** What a request says about the language it wants, strongest first. */
export interface LanguageWishes {
  /** `?lang=` */
  readonly query?: unknown;
  /** The preference an earlier `?lang=` left behind. */
  readonly cookie?: unknown;
  readonly acceptLanguage?: string | undefined;
}

/** The language to answer in. Wishes for languages we do not have are passed over. */
export function resolveLanguage(wishes: LanguageWishes, fallback: Language): Language {
  return (
    matchLanguage(wishes.query) ??
    matchLanguage(wishes.cookie) ??
    preferredLanguage(wishes.acceptLanguage ?? '') ??
    fallback
  );
}

/** Our language for a BCP 47 tag, by its primary part: every `zh-*` is zh-CN. */
export function matchLanguage(tag: unknown): Language | undefined {
  if (typeof tag !== 'string') return undefined;
  switch (tag.trim().toLowerCase().split('-', 1)[0]) {
    case 'zh':
      return 'zh-CN';
    case 'en':
      return 'en';
    default:
      return undefined;
  }
}

/** `Accept-Language` by quality (RFC 9110, 12.5.4); a quality of 0 refuses. */
function preferredLanguage(header: string): Language | undefined {
  return header
    .split(',')
    .map((entry) => {
      const [tag, ...parameters] = entry.split(';');
      const quality = parameters
        .map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1])
        .find(Boolean);
      return { language: matchLanguage(tag), quality: Number(quality ?? 1) };
    })
    .filter(({ language, quality }) => language !== undefined && quality > 0)
    .sort((a, b) => b.quality - a.quality)[0]?.language;
}
