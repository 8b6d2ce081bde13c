import type { Browser } from 'playwright-core';
import { type Berth, startBerth } from '../support/berth.js';
import { requireTool } from '../support/tools.js';
import { fillHarbour } from './support/harbour.js';
import { startBrowser, visit } from './support/visitor.js';

requireTool('chromium')('without script', () => {
  let berth: Berth;
  let browser: Browser;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth(), startBrowser()]);
    await fillHarbour(berth);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  test('every flow works by links and forms alone', async () => {
    const { page, signIn, close } = await visit(browser, berth.url, { javaScriptEnabled: false });
    const submit = (selector: string) => Promise.all([page.waitForEvent('load'), page.click(selector)]);
    await signIn(berth.admin);

    await page.fill('#rq', 'gate');
    await submit('.bar .go');
    expect(await page.locator('#list tbody tr').count()).toBe(1);
    await submit('#list .name');
    await page.click('.pull summary');
    await submit('[data-client=podman]');
    expect(await page.textContent('#pull')).toContain('podman pull');

    await submit('a[href$="/t/1.28.2/delete"]');
    await submit('.danger');
    expect(await page.textContent('#flash')).toContain('Tag 1.28.2 removed');

    await page.goto('/users/new');
    await page.fill('#un', 'wuhao');
    await submit('main .pri');
    expect(await page.textContent('#sec')).toBeTruthy();
    await submit('.secret .pri');
    expect(await page.inputValue('#sub')).toBe('wuhao');
    await page.fill('#pat', 'platform/*');
    await submit('button[value=preview]');
    expect(await page.textContent('#matches')).toContain('Matches 2 repositories');
    await page.check('input[value=push]');
    await submit('form[action="/permissions"] .pri');
    expect(await page.textContent('#flash')).toContain('wuhao may now pull, push on platform/*');

    await page.goto('/r/platform/api-gateway/-/permissions');
    await page.uncheck('tr:has-text("ravi.patel") input[value=pull]');
    await submit('.save .pri');
    expect(await page.locator('tr:has-text("ravi.patel")').count()).toBe(0);

    await page.click('.tools form summary');
    await submit('button[value=dark]');
    expect(new URL(page.url()).pathname).toBe('/r/platform/api-gateway/-/permissions');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await submit('a[hreflang=zh-CN]');
    expect(await page.textContent('.tabs [aria-current]')).toBe('权限');

    await page.click('.tools > details > summary');
    await submit('form[action="/sign-out"] button');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await close();
  }, 60_000);
});
