import type { Browser, Page } from 'playwright-core';
import { type Berth, startBerth } from '../support/berth.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';
import { bake, fillHarbour, type Harbour } from './support/harbour.js';
import { startBrowser, type Visitor, visit } from './support/visitor.js';

const gateway = '/r/platform/api-gateway/-';

/** Clicks and waits for the page that the click leads to. */
async function follow(page: Page, selector: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.click(selector)]);
}

requireTool('chromium')('flows', () => {
  let berth: Berth;
  let browser: Browser;
  let harbour: Harbour;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth(), startBrowser()]);
    harbour = await fillHarbour(berth);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  async function admin(): Promise<Visitor> {
    const visitor = await visit(browser, berth.url);
    await visitor.signIn(berth.admin);
    return visitor;
  }

  test('the list narrows while typing, and the address follows', async () => {
    const { page, troubles, close } = await admin();
    await page.locator('#rq').pressSequentially('gate');
    await page.waitForURL('**/repositories?q=gate');
    await page.waitForFunction("document.querySelectorAll('#list tbody tr').length === 1");
    expect(await page.textContent('#list .name')).toBe('platform/api-gateway');
    expect(await page.inputValue('#rq')).toBe('gate');
    await page.waitForFunction("document.querySelector('#say').textContent === '1 repository'");
    await page.locator('#rq').pressSequentially('x');
    await page.waitForSelector('#list .empty');
    expect(troubles).toEqual([]);
    await close();
  });

  test('a session that ended meanwhile leads to sign-in from a live search, too', async () => {
    const { page, close } = await admin();
    await page.context().clearCookies();
    await page.locator('#rq').pressSequentially('gate');
    await page.waitForURL('**/sign-in');
    await close();
  });

  test('pages of a long list', async () => {
    const registry = await RegistryClient.open(berth.url, berth.admin);
    const image = bake({ seed: 'many', steps: [{ command: 'COPY a /', bytes: 10 }] });
    await registry.push('many/tags', 'v0', image);
    for (let n = 1; n < 30; n++) await registry.putManifest('many/tags', `v${n}`, image.manifest);
    const { page, close } = await admin();
    await page.goto('/r/many/tags/-/tags');
    const names = (): Promise<string[]> => page.locator('tbody .main .name').allTextContents();
    const first = await names();
    await follow(page, 'a[rel=next]');
    const second = await names();
    expect([first.length, second.length]).toEqual([25, 5]);
    expect(new Set([...first, ...second]).size).toBe(30);
    await follow(page, 'thead .main a');
    expect((await names())[0]).toBe('v0');
    await page.fill('#tq', 'V29');
    await Promise.all([page.waitForEvent('load'), page.press('#tq', 'Enter')]);
    expect(await names()).toEqual(['v29']);
    await close();
  });

  test('a repository from its creation to its removal', async () => {
    const { page, troubles, close } = await admin();
    await follow(page, 'a[href="/repositories/new"]');
    await page.fill('#n', 'Team/App');
    await follow(page, 'main .pri');
    expect(await page.textContent('[role=alert]')).toContain('not a repository name');
    await page.fill('#n', 'team/app');
    await page.fill('#d', 'From the browser');
    await page.check('input[value=internal]');
    await follow(page, 'main .pri');
    expect(new URL(page.url()).pathname).toBe('/r/team/app/-/tags');
    expect(await page.textContent('#flash')).toContain('team/app created');
    expect(await page.textContent('#s3')).toBe(`docker push ${berth.host}/team/app:1.0.0`);

    await follow(page, 'a[href="/r/team/app/-/settings"]');
    await page.check('input[value=public]');
    await follow(page, 'main .pri');
    expect(await page.textContent('h1')).toContain('Public');
    expect(await page.isEnabled('.danger')).toBe(true);
    await page.fill('#cf', 'team/ap');
    expect(await page.isEnabled('.danger')).toBe(false);
    await page.fill('#cf', 'team/app');
    await follow(page, '.danger');
    expect(await page.textContent('#flash')).toContain('team/app deleted');
    expect((await page.goto('/r/team/app/-/tags'))?.status()).toBe(404);
    expect(troubles).toEqual([]);
    await close();
  });

  test('the pull command names the address of the browser, for the client that was chosen', async () => {
    const { page, close } = await admin();
    await page.goto(`${gateway}/t/1.28.3`);
    expect(await page.textContent('#pull')).toBe(`docker pull ${berth.host}/platform/api-gateway:1.28.3`);
    await page.click('.pull summary');
    await page.click('[data-client=podman]');
    expect(await page.textContent('#pull')).toBe(`podman pull ${berth.host}/platform/api-gateway:1.28.3`);
    await page.reload();
    expect(await page.textContent('#pull')).toContain('podman pull');
    await page.goto(`${gateway}/t/1.28.3?client=digest`);
    expect(await page.textContent('#pull')).toContain(`@${harbour.gateway}`);
    await close();
  });

  test('an image: platforms, layers, history, config, referrers, manifest', async () => {
    const { page, troubles, close } = await admin();
    await page.goto(`${gateway}/t/1.28.3`);
    expect(await page.locator('.seg a').count()).toBe(3);
    await follow(page, '.seg a:nth-child(3)');
    expect(page.url()).toContain('platform=linux%2Farm%2Fv7');
    expect(await page.textContent('.seg [aria-current]')).toContain('linux/arm/v7');
    expect(await page.locator('#layers tbody tr').count()).toBe(4);
    expect(await page.locator('#history li').count()).toBe(6);
    expect(await page.textContent('#config')).toContain('10001:10001');
    expect(await page.isVisible('text=gk_5f0c71a9d2e84b')).toBe(false);
    expect(await page.getAttribute('#config a[rel]', 'href')).toBe('https://git.quayside.lan/platform/api-gateway');
    expect(await page.textContent('#referrers')).toContain('cosign');
    expect(await page.textContent('#mf')).toContain('"schemaVersion": 2');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#raw a[download]')]);
    expect(download.suggestedFilename()).toMatch(/^manifest-[0-9a-f]{12}\.json$/);
    expect(troubles).toEqual([]);
    await close();
  });

  test('removing a tag leaves its siblings; deleting the image takes them', async () => {
    const { page, troubles, close } = await admin();
    await page.goto(`${gateway}/tags`);
    await follow(page, `a[href="${gateway}/t/1.28/delete"]`);
    expect(await page.textContent('dialog')).toContain('reachable as 1.28.3, latest and by digest');
    await follow(page, '.danger');
    expect(await page.textContent('#flash')).toContain('Tag 1.28 removed');
    const names = (): Promise<string[]> => page.locator('tbody .main .name').allTextContents();
    expect(await names()).toEqual(expect.arrayContaining(['1.28.3', 'latest']));
    expect(await names()).not.toContain('1.28');

    await page.goto(`${gateway}/t/latest/delete`);
    await page.check('input[value=image]');
    await follow(page, '.danger');
    expect(await names()).not.toEqual(expect.arrayContaining(['1.28.3']));
    expect((await page.goto(`${gateway}/t/latest`))?.status()).toBe(404);
    expect(troubles).toEqual([]);
    await close();
  });

  test('a tag that moved after the question was asked is left alone', async () => {
    const registry = await RegistryClient.open(berth.url, berth.admin);
    await registry.push('many/moves', 'latest', bake({ seed: 'before' }));
    const { page, close } = await admin();
    await page.goto('/r/many/moves/-/t/latest/delete');
    await registry.push('many/moves', 'latest', bake({ seed: 'after' }));
    await follow(page, '.danger');
    expect(await page.textContent('h1')).toBe('That did not work');
    expect((await page.goto('/r/many/moves/-/t/latest'))?.status()).toBe(200);
    await close();
  });

  test('a user is created with a password that is shown once, disabled and enabled', async () => {
    const { page, troubles, close } = await admin();
    await page.goto('/users/new');
    await page.fill('#un', 'Wu Hao');
    await follow(page, 'main .pri');
    expect(await page.textContent('[role=alert]')).toContain('lower-case');
    await page.fill('#un', 'wuhao');
    await page.fill('#fn', '吴昊');
    await follow(page, 'main .pri');
    const password = (await page.textContent('#sec')) ?? '';
    expect(password.length).toBeGreaterThanOrEqual(20);

    const wu = await visit(browser, berth.url);
    await wu.signIn({ username: 'wuhao', password });
    expect(new URL(wu.page.url()).pathname).toBe('/password');

    await page.goto('/users');
    expect(await page.content()).not.toContain(password);
    expect(await page.textContent('tr:has-text("wuhao")')).toContain('Password pending');
    await page.click('tr:has-text("wuhao") summary');
    await follow(page, 'tr:has-text("wuhao") form button');
    expect(await page.textContent('#flash')).toContain('wuhao is disabled');
    await wu.page.goto('/repositories');
    expect(new URL(wu.page.url()).pathname).toBe('/sign-in');
    await follow(page, '.stackv form[action$="/enable"] button');
    expect(await page.textContent('#flash')).toContain('wuhao is enabled');

    await follow(page, 'form[action$="/reset-password"] button');
    expect(await page.textContent('#sec')).not.toBe(password);
    expect(troubles).toEqual([]);
    await Promise.all([close(), wu.close()]);
  });

  test('the last administrator stays', async () => {
    const { page, close } = await admin();
    await page.goto('/users/admin');
    await follow(page, 'form[action$="/disable"] button');
    expect(await page.textContent('[role=alert]')).toContain('last enabled administrator');
    await page.check('input[value=user]');
    await follow(page, 'main .pri');
    expect(await page.textContent('[role=alert]')).toContain('last enabled administrator');
    await close();
  });

  test('a grant on a prefix, with its preview, works on the next request and ends with its removal', async () => {
    const sun = await addUser(berth, 'sunqian');
    const guest = await visit(browser, berth.url);
    await guest.signIn(sun);
    expect((await guest.page.goto('/r/payments/ledger/-/tags'))?.status()).toBe(404);

    const { page, troubles, close } = await admin();
    await page.goto('/permissions');
    await page.locator('#pat').pressSequentially('payments/*');
    await page.waitForSelector('#matches >> text=Matches 1 repository');
    expect(await page.textContent('#matches mark')).toBe('payments/');
    await page.fill('#sub', 'nobody-here');
    await follow(page, 'form[action="/permissions"] .pri');
    expect(await page.textContent('[role=alert]')).toContain('no user nobody-here');
    await page.fill('#sub', sun.username);
    await follow(page, 'form[action="/permissions"] .pri');
    expect(await page.textContent('#flash')).toContain('sunqian may now pull on payments/*');

    expect((await guest.page.goto('/r/payments/ledger/-/tags'))?.status()).toBe(200);
    expect(await guest.page.locator('.tabs').count()).toBe(0);
    await follow(page, 'tr:has-text("sunqian") .act button');
    expect((await guest.page.goto('/r/payments/ledger/-/tags'))?.status()).toBe(404);
    expect(troubles).toEqual([]);
    await Promise.all([close(), guest.close()]);
  });

  test('whoever manages a repository edits its grants, sees why, and edits nothing else', async () => {
    const zhang = await addUser(berth, 'zhangmin', { 'platform/auth-service': ['manage'] });
    const { page, signIn, troubles, close } = await visit(browser, berth.url);
    await signIn(zhang);
    await page.goto('/r/platform/auth-service/-/permissions');
    expect(await page.textContent('tr.from')).toContain('platform/*');
    await page.fill('#sub', 'ravi.patel');
    await follow(page, 'form.panel .pri');
    const pushBox = 'tr:has-text("ravi.patel") input[value=push]';
    await page.check(pushBox);
    expect(await page.textContent('.save output')).toBe('Unsaved changes: 1');
    await follow(page, '.save .pri');
    expect(await page.isChecked(pushBox)).toBe(true);
    await page.fill('#eu', 'ravi.patel');
    await page.selectOption('#ea', 'push');
    await follow(page, '.stackv form .btn');
    expect(await page.textContent('#why')).toContain('ravi.patel may push here');
    expect(await page.textContent('#why')).toContain('Grant on platform/auth-service: push');

    for (const path of ['/r/platform/api-gateway/-/permissions', '/r/platform/api-gateway/-/settings']) {
      expect([path, (await page.goto(path))?.status()]).toEqual([path, 404]);
    }
    for (const path of ['/users', '/users/new']) {
      expect([path, (await page.goto(path))?.status()]).toEqual([path, 403]);
    }
    expect(troubles).toEqual([]);
    await close();
  });

  test('what exists without a right to it looks like what does not exist', async () => {
    const { page, signIn, close } = await visit(browser, berth.url);
    await signIn(harbour.chen);
    const bodies: string[] = [];
    for (const name of ['payments/ledger', 'payments/nothing']) {
      const answer = await page.goto(`/r/${name}/-/tags`);
      expect(answer?.status()).toBe(404);
      bodies.push((await page.innerHTML('main')).replaceAll(name, 'NAME').replace(/[0-9a-f]{12}-\w+/g, 'REQUEST'));
    }
    expect(bodies[0]).toBe(bodies[1]);
    await close();
  });

  test('keys go where they say, and stay out of fields', async () => {
    const { page, close } = await admin();
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('q');
    await page.keyboard.type('gu?');
    expect(await page.inputValue('#q')).toBe('gu?');
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('?');
    expect(await page.isVisible('dialog#keys')).toBe(true);
    await page.keyboard.press('Escape');
    await Promise.all([page.waitForURL('**/users'), page.keyboard.type('gu')]);
    await close();
  });
});
