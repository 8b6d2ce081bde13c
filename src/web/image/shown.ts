import type { Locale } from '../rendering/locale.js';

/** "The first 200 of 26,000", when that is not all. */
export type Shown = (shown: number, count: number) => string | undefined;

export function shownIn({ t }: Locale): Shown {
  return (shown, count) => (shown < count ? t('image.shown', { shown, count }) : undefined);
}
