import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '../config/config.js';
import { projectRoot } from '../config/project-root.js';
import { catalog } from '../errors/catalog.js';
import { Languages } from './languages.js';

const root = join(projectRoot(), 'locales');
const files = (language: string): string[] => readdirSync(join(root, language)).sort();

/** Every text of a language by its key. */
function textsOf(language: string): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (prefix: string, value: unknown): void => {
    if (typeof value === 'string') texts.set(prefix, value);
    else for (const [key, inner] of Object.entries(value as object)) collect(`${prefix}.${key}`, inner);
  };
  for (const file of files(language)) {
    collect(file.replace('.json', ''), JSON.parse(readFileSync(join(root, language, file), 'utf8')));
  }
  return texts;
}

/** Without the plural form: languages differ in how many they have. */
const meaning = (key: string): string => key.replace(/_(?:zero|one|two|few|many|other)$/, '');
const meanings = (texts: Map<string, string>): string[] => [...new Set([...texts.keys()].map(meaning))].sort();
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)[^}]*\}/g)].map(([, name = '']) => name).sort();

describe('catalogues', () => {
  const [en, zh] = [textsOf('en'), textsOf('zh-CN')];

  test('both languages have the same files and say the same things', () => {
    expect(files('zh-CN')).toEqual(files('en'));
    expect(meanings(zh)).toEqual(meanings(en));
  });

  test('each language has the plural forms it needs, and no others', () => {
    for (const [language, texts] of [
      ['en', en],
      ['zh-CN', zh],
    ] as const) {
      const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
      const counted = [...texts.keys()].filter((key) => key !== meaning(key));
      for (const key of new Set(counted.map(meaning))) {
        const forms = counted.filter((one) => meaning(one) === key).map((one) => one.slice(key.length + 1));
        expect([language, key, forms.sort()]).toEqual([language, key, needed]);
      }
    }
  });

  test('translations fill the same gaps', () => {
    for (const [key, text] of zh) {
      const original = en.get(key) ?? '';
      expect([key, placeholders(text)]).toEqual([key, placeholders(original)]);
    }
  });

  test('no text holds markup or is empty', () => {
    for (const [key, text] of [...en, ...zh]) expect([key, /^\s*$|[<>]|&\w+;/.test(text)]).toEqual([key, false]);
  });

  test('Chinese has one form of address, and a space between its words and other letters or numerals', () => {
    const wrong = /你|\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u;
    expect([...zh].filter(([, text]) => wrong.test(text))).toEqual([]);
  });

  test('every error of the catalogue has its text', () => {
    const keys = Object.values(catalog).map(({ key }) => key);
    expect(keys.filter((key) => !en.has(key) || !zh.has(key))).toEqual([]);
    expect([...en.keys()].filter((key) => key.startsWith('errors.')).sort()).toEqual(keys.sort());
  });
});

describe('Languages', () => {
  const translators = Promise.all(languages.map((language) => new Languages().translator(language)));

  test('plurals, figures and values', async () => {
    const [en, zh] = await translators;
    expect(en?.('repositories.found', { count: 1 })).toBe('1 repository');
    expect(en?.('repositories.found', { count: 1204 })).toBe('1,204 repositories');
    expect(zh?.('repositories.found', { count: 1 })).toBe('1 个仓库');
  });

  test('a value is text, whatever it looks like', async () => {
    const [en] = await translators;
    const name = '$t(errors.DENIED) {count} <b>';
    expect(en?.('tags.of', { name })).toBe(`Tags of ${name}`);
  });
});
