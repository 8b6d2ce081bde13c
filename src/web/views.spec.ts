import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../config/project-root.js';

const root = projectRoot();
const filesBelow = (folder: string, extension: string): [name: string, text: string][] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => [`${folder}/${file}`, readFileSync(join(root, folder, file), 'utf8')]);

const views = filesBelow('views', '.hbs');
const sources = filesBelow('src/web', '.ts').filter(([name]) => !name.endsWith('.spec.ts'));

/** Every key of the English catalogue, without plural forms. */
const keys = new Set(
  filesBelow('locales/en', '.json').flatMap(([name, text]) => {
    const collect = (prefix: string, value: unknown): string[] =>
      typeof value === 'string'
        ? [prefix.replace(/_(?:one|other)$/, '')]
        : Object.entries(value as object).flatMap(([key, inner]) => collect(`${prefix}.${key}`, inner));
    return collect(name.replace(/^.*\/|\.json$/g, ''), JSON.parse(text));
  }),
);

/** What `{{ }}` put there is gone; what is left was written by hand. */
const withoutMustaches = (text: string): string => text.replace(/\{\{(?:[^}]|\}(?!\}))*\}\}/g, '');
const matches = (files: [string, string][], pattern: RegExp): string[] =>
  files.flatMap(([name, text]) => [...text.matchAll(pattern)].map(([found]) => `${name}: ${found}`));

describe('texts of the views', () => {
  test('every key a view names exists', () => {
    const named = views.flatMap(([name, text]) =>
      [...text.matchAll(/[{(](?:t|rich) '([^']+)'/g)].map(([, key = '']) => [name, key] as const),
    );
    expect(named.length).toBeGreaterThan(200);
    expect(named.filter(([, key]) => !keys.has(key))).toEqual([]);
  });

  test('every key is used', () => {
    const all = [...views, ...sources].map(([, text]) => text).join('\n');
    const prefixes = [...all.matchAll(/(?:concat '|`)([a-zA-Z.]+\.)(?:'|\$\{)/g)].map(([, prefix = '']) => prefix);
    const named = (key: string): boolean =>
      all.includes(`'${key}'`) ||
      (key.startsWith('flash.') && all.includes(`'${key.slice('flash.'.length)}'`)) ||
      key.startsWith('errors.') ||
      prefixes.some(
        (prefix) => prefix !== 'flash.' && key.startsWith(prefix) && !key.slice(prefix.length).includes('.'),
      );
    expect([...keys].filter((key) => !named(key))).toEqual([]);
  });

  test('no view holds words of its own', () => {
    const text = views.map(([name, source]): [string, string] => [
      name,
      withoutMustaches(source)
        .replace(/<!doctype html>|[a-z-]+=""/g, '')
        .replace(/<[^<>]*>/g, '\n'),
    ]);
    expect(matches(text, /.*\p{L}.*/gu)).toEqual([]);
    const attributes = /\s(?:aria-label|placeholder|title|alt|data-l|data-say)="[^"{]*\p{L}[^"{]*"/gu;
    expect(matches(views, attributes)).toEqual([]);
  });
});

describe('the content security policy', () => {
  test('no view has inline style, script or handlers', () => {
    expect(
      matches(views, /\sstyle=|\son\w+=|\bhx-on|hx-vals="js:|javascript:|<style|<script(?![^>]*\ssrc=)/gi),
    ).toEqual([]);
  });

  test('nothing is printed unescaped', () => {
    expect(matches(views, /\{\{\{|\{\{&/g)).toEqual([]);
  });

  test('nothing is loaded from elsewhere', () => {
    expect(matches(views, /(?:src|href|action|hx-get)="(?:https?:)?\/\//g)).toEqual([]);
  });
});
