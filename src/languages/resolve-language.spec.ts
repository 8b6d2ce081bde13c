import { resolveLanguage } from './resolve-language.js';

describe('resolveLanguage', () => {
  test.each([
    ['the query wins', { query: 'zh-CN', cookie: 'en', acceptLanguage: 'en' }, 'zh-CN'],
    ['then the cookie', { cookie: 'en', acceptLanguage: 'zh' }, 'en'],
    ['then the browser', { acceptLanguage: 'zh-TW,zh;q=0.9,en;q=0.8' }, 'zh-CN'],
    ['every zh is zh-CN', { query: 'zh-Hans-SG' }, 'zh-CN'],
    ['quality decides, not order', { acceptLanguage: 'en;q=0.3, zh-CN;q=0.7' }, 'zh-CN'],
    ['quality 0 refuses', { acceptLanguage: 'zh;q=0, fr' }, 'en'],
    ['an unknown wish is passed over', { query: 'tlh', cookie: 'de', acceptLanguage: 'fr-CH, *;q=0.5' }, 'en'],
    ['not a string', { query: ['zh', 'en'] }, 'en'],
    ['nothing', {}, 'en'],
  ])('%s', (_name, wishes, expected) => {
    expect(resolveLanguage(wishes, 'en')).toBe(expected);
  });

  test('the configured language is the last word', () => {
    expect(resolveLanguage({ acceptLanguage: 'fr' }, 'zh-CN')).toBe('zh-CN');
  });
});
