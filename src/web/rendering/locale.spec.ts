import { Languages } from '../../languages/languages.js';
import { Locale } from './locale.js';

const minute = 60_000;
const now = Date.UTC(2026, 10, 29);

test.each([
  ['en', 9 * minute, '9 minutes ago'],
  ['en', 0, 'just now'],
  ['zh-CN', 0, '刚刚'],
  ['zh-CN', 9 * minute, '9 分钟前'],
  ['zh-CN', 5 * 60 * minute, '5 小时前'],
  ['zh-CN', 24 * 60 * minute, '昨天'],
  ['zh-CN', 40 * 24 * 60 * minute, '上个月'],
  ['zh-CN', 100 * 24 * 60 * minute, '3 个月前'],
] as const)('in %s %d ms ago is written %s', async (language, age, words) => {
  const locale = new Locale(language, await new Languages().translator(language), 'UTC');
  expect(locale.ago(new Date(now - age), now)).toBe(words);
});
