import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { allRoutes } from '../e2e/matrix/routes.js';
import { type Berth, startBerth } from '../support/berth.js';
import { type Content, descriptor, emptyConfig, json, manifestOf, types } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';
import { fillHarbour, type Harbour } from './support/harbour.js';
import { startBrowser, type Visitor, visit } from './support/visitor.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Violations of WCAG 2.2 AA as axe sees them, one line each. */
async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html.slice(0, 120)).join(' | ')))`);
}

/** What has a heading and what can be done at most, and nothing to see or to read. */
function emptyParts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('section, .panel, .cols, .cols > *, dl, ul, ol, table')].filter((part) => {
      const rest = part.cloneNode(true);
      for (const head of rest.querySelectorAll('h1, h2, h3, .acts')) head.remove();
      return rest.textContent.trim() === '' && rest.querySelector('input, svg') === null;
    }).map((part) => part.outerHTML.slice(0, 120))`);
}

/** Images that say little of themselves, and one whose entries are longer than a page has room for. */
async function pushTerse(berth: Berth): Promise<void> {
  const registry = await RegistryClient.open(berth.url, berth.admin);
  const name = 'payments/terse';
  const push = async (tag: string, config: Content, fields: object = {}): Promise<void> => {
    await registry.pushBlob(name, config);
    await registry.putManifest(name, tag, manifestOf({ config: descriptor(config), layers: [], ...fields }));
  };
  const platform = { os: 'linux', architecture: 'amd64' };
  const long = '"'.repeat(4096);
  await push('bare', json(types.config, platform));
  await push('created', json(types.config, { ...platform, created: '2026-11-20T09:38:12Z' }));
  const wordy = { ...platform, config: { User: long, Env: [`A=${long}`], Labels: { b: long } } };
  await push('long', json(types.config, wordy), { annotations: { c: long } });
  await push('artifact', emptyConfig, { artifactType: 'application/vnd.example' });
}

const looks = [
  { name: 'English, light, 1280 px', locale: 'en-US', lang: 'en', colorScheme: 'light', width: 1280 },
  { name: 'Chinese, dark, 320 px', locale: 'zh-CN', lang: 'zh-CN', colorScheme: 'dark', width: 320 },
  { name: 'English, dark, 768 px', locale: 'en-US', lang: 'en', colorScheme: 'dark', width: 768 },
] as const;

const gateway = '/r/platform/api-gateway/-';
const adminPages = [
  '/repositories',
  '/repositories?q=no-such-name',
  '/repositories/new',
  `${gateway}/tags`,
  `${gateway}/tags?q=nothing-like-it`,
  `${gateway}/t/1.28.3`,
  `${gateway}/t/1.28.2`,
  `${gateway}/t/1.28.3/delete`,
  `${gateway}/permissions`,
  `${gateway}/permissions?user=chenyali&action=delete`,
  `${gateway}/settings`,
  '/r/web/customer-console/-/tags',
  '/r/payments/terse/-/tags',
  '/r/payments/terse/-/t/bare',
  '/r/payments/terse/-/t/created',
  '/r/payments/terse/-/t/long',
  '/r/payments/terse/-/t/artifact',
  '/permissions',
  '/permissions?pattern=platform/*',
  '/users',
  '/users/new',
  '/users/chenyali',
  '/account',
  '/password',
  '/help',
  '/r/no/such/-/tags',
];

/** What a GET finds outside of the API and is no page of its own, or is looked at elsewhere. */
const notHere = [
  ...['/', '/r/{name}'], // lead to a page
  ...['/healthz', '/readyz', '/.well-known/jwks.json', '/assets/{file}', '/r/{name}/-/m/{digest}/raw'],
  ...['/docs', '/redoc'], // reference.spec.ts
  ...['/r/{name}/-/m/{digest}', '/r/{name}/-/m/{digest}/delete'], // as those of a tag
];

test('every page is looked at', async () => {
  const seen = ['/sign-in', ...adminPages].map((path) => path.replace(/\?.*/, ''));
  const pages = (await allRoutes()).filter(({ method, surface }) => method === 'GET' && surface === 'page');
  const unseen = pages
    .map(({ path }) => path)
    .filter((path) => !seen.some((one) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '(?:(?!/-/).)+')}$`).test(one)));
  expect(unseen.filter((path) => !notHere.includes(path))).toEqual([]);
  expect(notHere.filter((path) => !unseen.includes(path))).toEqual([]);
});

requireTool('chromium')('pages', () => {
  let berth: Berth;
  let browser: Browser;
  let harbour: Harbour;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth(), startBrowser()]);
    harbour = await fillHarbour(berth);
    await pushTerse(berth);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  async function look(visitor: Visitor, path: string, expected: { lang: string; width: number }): Promise<void> {
    const answer = await visitor.page.goto(path);
    expect([path, answer?.status()]).toEqual([path, path === '/r/no/such/-/tags' ? 404 : 200]);
    const { page } = visitor;
    expect(await page.getAttribute('html', 'lang')).toBe(expected.lang);
    expect(await page.locator('h1').count()).toBe(1);
    expect([path, await emptyParts(page)]).toEqual([path, []]);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect([path, width]).toEqual([path, Math.min(width, expected.width)]);
    // Between the widest and the narrowest only the arrangement differs.
    if (expected.width !== 768) expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
    expect([path, visitor.troubles]).toEqual([path, []]);
  }

  describe.each(looks)('$name', ({ locale, lang, colorScheme, width }) => {
    const options = { locale, colorScheme, viewport: { width, height: 800 } };

    test('an administrator', async () => {
      const visitor = await visit(browser, berth.url, options);
      await look(visitor, '/sign-in', { lang, width });
      await visitor.signIn(berth.admin);
      for (const path of adminPages) await look(visitor, path, { lang, width });
      await visitor.close();
    }, 240_000);

    test('a user', async () => {
      const visitor = await visit(browser, berth.url, options);
      await visitor.signIn(harbour.chen);
      for (const path of ['/repositories', `${gateway}/tags`, `${gateway}/t/1.28.3`, '/permissions', '/account']) {
        await look(visitor, path, { lang, width });
      }
      await visitor.close();
    }, 120_000);
  });

  test('a public repository is open to everyone, a private one looks like none', async () => {
    const visitor = await visit(browser, berth.url);
    await look(visitor, '/r/mirror/library/postgres/-/tags', { lang: 'en', width: 1280 });
    await look(visitor, '/r/mirror/library/postgres/-/t/1.0.0', { lang: 'en', width: 1280 });
    for (const name of ['payments/ledger', 'payments/nothing', 'edge/camera-agent']) {
      await visitor.page.goto(`/r/${name}/-/tags`);
      expect(new URL(visitor.page.url()).pathname).toBe('/sign-in');
    }
    await visitor.close();
  });

  test('a cold page transfers less than 45 KB', async () => {
    const visitor = await visit(browser, berth.url);
    await visitor.signIn(berth.admin);
    const cold = await visit(browser, berth.url);
    await cold.page.context().addCookies(await visitor.page.context().cookies());
    const sizes: number[] = [];
    cold.page.on('requestfinished', async (request) => {
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      sizes.push(responseBodySize + responseHeadersSize);
    });
    await cold.page.goto('/repositories', { waitUntil: 'networkidle' });
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(45_000);
    await Promise.all([visitor.close(), cold.close()]);
  });

  test('assets are kept for ever and their URLs change with them', async () => {
    const visitor = await visit(browser, berth.url);
    const answers: [url: string, cache: string][] = [];
    visitor.page.on('response', (response) => {
      if (response.url().includes('/assets/'))
        answers.push([response.url(), response.headers()['cache-control'] ?? '']);
    });
    await visitor.page.goto('/sign-in', { waitUntil: 'networkidle' });
    expect(answers.length).toBeGreaterThanOrEqual(4);
    for (const [url, cache] of answers) {
      expect(url).toMatch(/\.[0-9a-f]{12}\.(?:css|js|svg)$/);
      expect(cache).toContain('immutable');
    }
    expect((await visitor.page.request.get('/assets/app.000000000000.css')).status()).toBe(404);
    await visitor.close();
  });
});
