import type { Browser } from 'playwright-core';
import { type Berth, startBerth } from '../support/berth.js';
import { requireTool } from '../support/tools.js';
import { startBrowser, visit } from './support/visitor.js';

/** Where each word below the heading stands, from the top of the page. */
const wordTops = `[...document.querySelector('.sign-h p').firstChild.data.matchAll(/\\S+/g)].map(({ 0: word, index }) => {
  const range = document.createRange();
  range.setStart(document.querySelector('.sign-h p').firstChild, index);
  range.setEnd(document.querySelector('.sign-h p').firstChild, index + word.length);
  return range.getBoundingClientRect().top;
})`;

requireTool('chromium')('sign-in', () => {
  let berth: Berth;
  let browser: Browser;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth({ env: { BERTH_LOGIN_FAILURES: '4' } }), startBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  test('whoever is not signed in is led there, and back to where they wanted to go', async () => {
    const { page, troubles, close } = await visit(browser, berth.url);
    await page.goto('/users?q=ad');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await page.fill('#u', 'admin');
    await page.fill('#p', berth.admin.password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/users?q=ad');
    expect(troubles).toEqual([]);
    await close();
  });

  test('a wrong password and an unknown user get the same words', async () => {
    const { page, troubles, close } = await visit(browser, berth.url);
    const words: (string | null)[] = [];
    for (const username of ['admin', 'nobody']) {
      await page.goto('/sign-in');
      await page.fill('#u', username);
      await page.fill('#p', 'not-the-password');
      const [answer] = await Promise.all([page.waitForResponse('**/sign-in'), page.click('form .pri')]);
      expect(answer.status()).toBe(401);
      words.push(await page.textContent('[role=alert]'));
      expect(await page.inputValue('#u')).toBe(username);
      expect(await page.inputValue('#p')).toBe('');
    }
    expect(words[0]).toBe(words[1]);
    expect(troubles).toEqual([]);
    await close();
  });

  test('after too many failures it says how long to wait', async () => {
    const { page, close } = await visit(browser, berth.url);
    let status = 0;
    for (let attempt = 0; attempt < 6 && status !== 429; attempt++) {
      await page.goto('/sign-in');
      await page.fill('#u', 'guessed');
      await page.fill('#p', `attempt-${attempt}`);
      const [answer] = await Promise.all([page.waitForResponse('**/sign-in'), page.click('form .pri')]);
      status = answer.status();
    }
    expect(status).toBe(429);
    expect(await page.textContent('[role=alert]')).toMatch(/Try again in [\d,]+ seconds?/);
    await close();
  });

  test('a password made by somebody else has to be changed before anything else', async () => {
    const lin = { username: 'linwei', password: 'first-word-of-mouth' };
    await berth.api('POST', '/api/v1/users', { ...lin, role: 'user', mustChangePassword: true });
    const { page, signIn, troubles, close } = await visit(browser, berth.url);
    await signIn(lin);
    expect(new URL(page.url()).pathname).toBe('/password');
    const [last, secondLast] = (await page.evaluate<number[]>(wordTops)).reverse();
    expect(last).toBe(secondLast); // no word on a line of its own
    await page.goto('/account');
    expect(new URL(page.url()).pathname).toBe('/password');

    const change = async (current: string, wanted: string): Promise<string | null> => {
      await page.fill('#cp', current);
      await page.fill('#np', wanted);
      await Promise.all([page.waitForEvent('load'), page.click('form[action="/password"] .pri')]);
      return page.getAttribute('body', 'class');
    };
    await change(lin.password, 'short');
    expect(await page.textContent('[role=alert]')).toContain('8 characters');
    await change('not-my-password', 'harbour-at-midnight');
    expect(await page.textContent('[role=alert]')).toContain('current password is wrong');
    await change(lin.password, lin.password);
    expect(await page.textContent('[role=alert]')).toContain('is the current one');

    await change(lin.password, 'harbour-at-midnight');
    expect(new URL(page.url()).pathname).toBe('/account');
    expect(await page.textContent('#flash')).toContain('Password changed');
    expect(troubles).toEqual([]);
    await close();

    const again = await visit(browser, berth.url);
    await again.signIn({ username: 'linwei', password: 'harbour-at-midnight' });
    expect(new URL(again.page.url()).pathname).toBe('/repositories');
    await again.close();
  });

  test('signing out ends the session, not only the cookie', async () => {
    const { page, signIn, close } = await visit(browser, berth.url);
    await signIn(berth.admin);
    const cookies = await page.context().cookies();
    await page.click('.tools > details > summary');
    await Promise.all([page.waitForURL('**/sign-in'), page.click('form[action="/sign-out"] button')]);
    expect(await page.textContent('#flash, .note')).toContain('signed out');
    await page.context().addCookies(cookies);
    await page.goto('/repositories');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await close();
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    '/%09/evil.example',
    '/%2f%2fevil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://127.0.0.1@evil.example',
    'https://evil.example',
    '/a/..//evil.example',
    '／／evil.example',
  ])('next=%s stays here', async (next) => {
    const { page, close } = await visit(browser, berth.url);
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await page.fill('#u', 'admin');
    await page.fill('#p', berth.admin.password);
    await Promise.all([page.waitForURL((at) => at.pathname !== '/sign-in'), page.click('form .pri')]);
    expect(new URL(page.url()).origin).toBe(berth.url);
    await close();
  });

  test('language and theme are kept', async () => {
    const { page, close } = await visit(browser, berth.url);
    await page.goto('/sign-in');
    await page.click('header a[hreflang=zh-CN]');
    expect(await page.textContent('h1')).toBe('登录 Berth');
    await page.click('header summary');
    await page.click('[data-theme-set=dark]');
    await page.goto('/help');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await close();
  });
});
