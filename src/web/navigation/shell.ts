import type { Config, Language } from '../../config/config.js';
import type { User } from '../../users/user.js';
import type { Locale } from '../rendering/locale.js';
import type { Flash } from './flash.js';
import { withQuery } from './safe-path.js';

const themes = [
  { value: 'auto', label: 'shell.themes.auto', icon: 'monitor' },
  { value: 'light', label: 'shell.themes.light', icon: 'sun' },
  { value: 'dark', label: 'shell.themes.dark', icon: 'moon' },
] as const;
export type Theme = (typeof themes)[number]['value'];

export function themeOf(value: unknown): Theme {
  return themes.find((theme) => theme.value === value)?.value ?? 'auto';
}

/** Each language in its own words, because who looks for it may not read the other. */
const otherLanguages = {
  en: { code: 'zh-CN', name: '中文' },
  'zh-CN': { code: 'en', name: 'English' },
} as const satisfies Record<Language, { code: Language; name: string }>;

const keys = [
  { label: 'keys.search', strokes: ['/'] },
  { label: 'keys.repositories', strokes: ['g', 'r'] },
  { label: 'keys.permissions', strokes: ['g', 'p'] },
  { label: 'keys.users', strokes: ['g', 'u'], adminOnly: true },
  { label: 'keys.copy', strokes: ['c'] },
  { label: 'keys.help', strokes: ['?'] },
  { label: 'keys.close', strokes: ['Esc'] },
];

/** What the frame of every page is made of. */
export interface ShellFacts {
  readonly config: Pick<Config, 'console'>;
  readonly locale: Locale;
  readonly version: string;
  readonly user: User | undefined;
  readonly csrf: string | undefined;
  readonly flash: Flash | undefined;
  readonly theme: Theme;
  /** Path and query of a page that can be asked for again. */
  readonly path: string;
  /** host[:port] as the browser reached us. */
  readonly host: string;
  readonly requestId: string;
}

/** The `@shell` of the layouts. */
export function presentShell(facts: ShellFacts): object {
  const { locale, user, theme, path } = facts;
  const other = otherLanguages[locale.language];
  return {
    site: facts.config.console.title,
    version: facts.version,
    host: facts.host,
    requestId: facts.requestId,
    csrf: facts.csrf,
    path,
    language: locale.language,
    otherLanguage: { ...other, href: inLanguage(path, other.code) },
    theme: theme === 'auto' ? undefined : theme,
    themes: themes.map((choice) => ({ ...choice, pressed: String(choice.value === theme) })),
    timeZone: locale.zone,
    signInUrl: withQuery('/sign-in', { next: path }),
    user: user && {
      username: user.username,
      initials: initials(user),
      isAdmin: user.role === 'admin',
    },
    keys: keys.filter(({ adminOnly }) => !adminOnly || user?.role === 'admin'),
    flash: facts.flash
      ? [{ tone: facts.flash.tone, text: locale.t(`flash.${facts.flash.key}`, facts.flash.values) }]
      : [],
  };
}

/** One character of a Chinese name, two letters of others. */
export function initials({ username, fullName }: Pick<User, 'username' | 'fullName'>): string {
  const words = (fullName || username).split(/[\s._@-]+/).filter(Boolean);
  const [first = '?', second] = words;
  if (/\p{Script=Han}/u.test(first)) return [...first][0] ?? '?';
  return ((second === undefined ? first.slice(0, 2) : `${first[0]}${second[0]}`) || '?').toUpperCase();
}

function inLanguage(path: string, language: Language): string {
  const { pathname, searchParams } = new URL(path, 'http://berth.invalid');
  searchParams.set('lang', language);
  return `${pathname}?${searchParams}`;
}
