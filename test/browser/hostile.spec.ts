import type { Browser } from 'playwright-core';
import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { RegistryClient } from '../support/registry-client.js';
import { requireTool } from '../support/tools.js';
import { bake } from './support/harbour.js';
import { startBrowser, visit } from './support/visitor.js';

/** Each would set `window.canary` if it ran anywhere on a page. */
const payloads = [
  '<script>window.canary=1</script>',
  '<img src=x onerror=window.canary=1>',
  '"><svg onload=window.canary=1>',
  "' autofocus onfocus=window.canary=1 x='",
  '{{constructor.constructor("window.canary=1")()}}',
  '</pre></code><iframe srcdoc="<script>parent.canary=1</script>">',
  '$t(errors.DENIED) {count} \u202e\u0000 & &amp;',
];
const addresses = [
  'javascript:window.canary=1',
  'JaVaScRiPt:window.canary=1',
  'data:text/html,<script>parent.canary=1</script>',
  ' https://x" onmouseover="window.canary=1',
];

requireTool('chromium')('hostile content', () => {
  let berth: Berth;
  let browser: Browser;

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth(), startBrowser()]);
    const registry = await RegistryClient.open(berth.url, berth.admin);
    const all = [...payloads, ...addresses];
    const named = Object.fromEntries(all.map((payload, index) => [`k${index} ${payload}`, payload]));
    const image = bake({
      seed: 'hostile',
      steps: [...all.map((payload) => ({ command: payload })), { command: `RUN ${all.join(' ')}`, bytes: 100 }],
      env: all.map((payload, index) => `SECRET_${index}${payload}=${payload}`),
      labels: named,
      annotations: named,
    });
    await registry.push('evil/app', 'latest', image);
    await berth.api('PATCH', '/api/v1/repositories/evil%2Fapp', { description: all.join(' ') });
    await addUser(berth, 'mallory', { 'evil/*': ['pull'] });
    await berth.api('PATCH', '/api/v1/users/mallory', { fullName: payloads[1] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  test('is shown as text and runs nowhere', async () => {
    const { page, signIn, troubles, close } = await visit(browser, berth.url);
    await page.context().addCookies([
      {
        name: 'flash',
        value: Buffer.from(
          '{"tone":"ok","key":"tagRemoved","values":{"tag":"<script>window.canary=1</script>"}}',
        ).toString('base64url'),
        url: berth.url,
      },
      { name: 'theme', value: '"><script>window.canary=1</script>', url: berth.url },
      { name: 'client', value: '<b>', url: berth.url },
    ]);
    await signIn(berth.admin);
    const paths = [
      '/repositories',
      ...payloads.map((payload) => `/repositories?q=${encodeURIComponent(payload)}`),
      '/r/evil/app/-/tags',
      '/r/evil/app/-/t/latest',
      '/r/evil/app/-/t/latest/delete',
      '/r/evil/app/-/settings',
      '/r/evil/app/-/permissions?user=%22%3E%3Cscript%3Ewindow.canary=1%3C/script%3E',
      `/permissions?user=${encodeURIComponent(payloads[2] ?? '')}&pattern=${encodeURIComponent(payloads[0] ?? '')}`,
      '/users',
      '/users/mallory',
      `/users/${encodeURIComponent(payloads[0] ?? '')}`,
      '/%3Cscript%3Ewindow.canary=1%3C/script%3E',
      '/repositories?lang=%3Cscript%3E&limit=9e9&after[]=x&q=a&q=b',
    ];
    for (const path of paths) {
      await page.goto(path, { waitUntil: 'networkidle' });
      expect([path, await page.evaluate("'canary' in window")]).toEqual([path, false]);
      const schemes = await page.evaluate<string[]>(
        "[...document.querySelectorAll('main a[href]')].map((a) => a.protocol)",
      );
      expect([path, schemes.filter((scheme) => !/^https?:$/.test(scheme))]).toEqual([path, []]);
    }
    expect(troubles).toEqual([]);
    await page.goto('/r/evil/app/-/t/latest');
    expect(await page.textContent('#history')).toContain('<script>window.canary=1</script>');
    await close();
  }, 60_000);

  test('a form of another site changes nothing (T25)', async () => {
    const { page, signIn, close } = await visit(browser, berth.url);
    await signIn(berth.admin);
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const token = (await page.getAttribute('input[name=_csrf]', 'value')) ?? '';
    const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
      send(berth.url, path, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', origin: berth.url, ...headers },
        body,
      });
    const forms: [path: string, fields: string][] = [
      ['/repositories/new', 'name=csrf/made&visibility=public'],
      ['/r/evil/app/-/settings', 'visibility=public'],
      ['/r/evil/app/-/remove', 'confirm=evil/app'],
      ['/r/evil/app/-/t/latest/delete', 'what=tag'],
      ['/r/evil/app/-/permissions', 'do=add&username=mallory&action=manage'],
      ['/permissions', 'username=mallory&pattern=*&action=manage'],
      ['/permissions/1/remove', ''],
      ['/users/new', 'username=made&role=admin'],
      ['/users/mallory', 'role=admin'],
      ['/users/mallory/disable', ''],
      ['/users/mallory/enable', ''],
      ['/users/mallory/reset-password', ''],
      ['/users/mallory/delete', 'confirm=mallory'],
      ['/account/sessions/end', ''],
      ['/password', `current=${berth.admin.password}&new=harbour-at-midnight`],
      ['/sign-out', ''],
    ];
    for (const [path, fields] of forms) {
      const attacks = [
        post(path, fields),
        post(path, `${fields}&_csrf=${'A'.repeat(token.length)}`),
        post(path, `${fields}&_csrf=${token}`, { origin: 'http://evil.example' }),
        post(path, `${fields}&_csrf=${token}`, { origin: 'null' }),
        post(path, `${fields}&_csrf=${token}`, { 'sec-fetch-site': 'cross-site' }),
        post(path, `${fields}&_csrf=${token}`, { 'content-type': 'text/plain' }),
      ];
      const statuses = (await Promise.all(attacks)).map(({ status }) => status);
      expect([path, statuses]).toEqual([path, [403, 403, 403, 403, 403, 403]]);
    }
    const { status, body } = await berth.api('GET', '/api/v1/users/mallory');
    expect([status, body.role, body.enabled]).toEqual([200, 'user', true]);
    expect((await page.goto('/r/evil/app/-/t/latest'))?.status()).toBe(200);
    await close();
  }, 60_000);
});
