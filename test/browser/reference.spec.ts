import type { Browser, Page } from 'playwright-core';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { requireTool } from '../support/tools.js';
import { startBrowser, type Visitor, visit } from './support/visitor.js';

const strict =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';font-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none';object-src 'none'";

/** Two large programs are loaded and run in each of these tests. */
const patienceMs = 90_000;

requireTool('chromium')('the REST API, described', () => {
  let berth: Berth;
  let browser: Browser;
  /** Every operation of the description, as the server gives it. */
  let summaries: string[];

  beforeAll(async () => {
    [berth, browser] = await Promise.all([startBerth(), startBrowser()]);
    const { body } = await berth.api('GET', '/api/openapi.json', undefined, null);
    const items: Record<string, { summary: string }>[] = Object.values(body.paths);
    summaries = items.flatMap((item) => Object.values(item).map(({ summary }) => summary));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await berth?.stop();
  });

  /** Somebody signed in, and the origins their browser asked. */
  async function signedIn(locale = 'en-US'): Promise<Visitor & { origins: Set<string> }> {
    const visitor = await visit(browser, berth.url, { locale });
    const origins = new Set<string>();
    visitor.page.context().on('request', (request) => origins.add(new URL(request.url()).origin));
    await visitor.signIn(berth.admin);
    return { ...visitor, origins };
  }

  /** Opens an operation of Swagger UI, lets `fill` write into it, sends it, and gives the status and the request. */
  async function tryOut(page: Page, id: string, fill: (block: ReturnType<Page['locator']>) => Promise<void>) {
    const block = page.locator(`.opblock[id$="-${id}"]`);
    await block.locator('.opblock-summary-control').click();
    await block.locator('.try-out__btn').click();
    await fill(block);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/api/v1/')),
      block.locator('button.execute').click(),
    ]);
    await block.locator('.live-responses-table .response .response-col_status').first().waitFor();
    const shown = await block.locator('.live-responses-table .response .response-col_status').first().textContent();
    return { status: answer.status(), shown: Number(shown?.match(/\d{3}/)?.[0]), headers: answer.request().headers() };
  }

  const asItIs = async (): Promise<void> => undefined;

  test.each(['/docs', '/redoc'])('%s is for whoever is signed in', async (path) => {
    const answer = await send(berth.url, path);
    expect([answer.status, answer.headers.location]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
  });

  test(
    '/docs shows every operation, under the policy of all pages',
    async () => {
      const { page, troubles, origins, close } = await signedIn();
      const answer = await page.goto('/docs');
      expect(answer?.headers()['content-security-policy']).toBe(strict);
      await page.locator('.opblock').first().waitFor();
      const shown = await page.locator('.opblock-summary-description').allTextContents();
      expect(shown.sort()).toEqual([...summaries].sort());
      expect(troubles).toEqual([]);
      expect([...origins]).toEqual([berth.url]);
      await close();
    },
    patienceMs,
  );

  test(
    '/redoc shows every operation, and alone may add two styles and a worker',
    async () => {
      const { page, troubles, origins, close } = await signedIn();
      const answer = await page.goto('/redoc');
      const policy = answer?.headers()['content-security-policy'] ?? '';
      expect(policy.replace(/ 'sha256-[^']+'/g, '').replace(';worker-src blob:', '')).toBe(strict);
      expect(policy.match(/'sha256-/g)).toHaveLength(2);
      await page.locator('[data-section-id^="tag/"] h2').first().waitFor();
      const shown = await page.locator('[data-section-id*="/operation/"] h2').allTextContents();
      expect(shown.map((text) => text.trim()).sort()).toEqual([...summaries].sort());

      const search = page.locator('input[aria-label="Search"]');
      await search.fill('password');
      await page.locator('[data-role="search:results"] label').first().waitFor();
      expect(await page.locator('img').count()).toBe(0);
      expect(troubles).toEqual([]);
      expect([...origins].filter((origin) => origin !== 'null')).toEqual([berth.url]);
      await close();
    },
    patienceMs,
  );

  test(
    'what is tried out is sent with the session, and its token when it changes something',
    async () => {
      const { page, troubles, close } = await signedIn();
      await page.goto('/docs');
      expect(await tryOut(page, 'getMe', asItIs)).toMatchObject({ status: 200, shown: 200 });
      const created = await tryOut(page, 'createGroup', (block) =>
        block.locator('textarea.body-param__text').fill(JSON.stringify({ name: 'crew' })),
      );
      expect(created).toMatchObject({ status: 201, shown: 201 });
      expect(created.headers).toHaveProperty('x-csrf-token');
      expect(created.headers).not.toHaveProperty('authorization');
      expect((await berth.api('GET', '/api/v1/groups/crew')).status).toBe(200);
      expect(troubles).toEqual([]);
      await close();
    },
    patienceMs,
  );

  test(
    'or with a token, which wins over the session',
    async () => {
      await berth.api('POST', '/api/v1/users', { username: 'bo', password: 'only-for-this-test', role: 'user' });
      const token = await berth.signIn('bo', 'only-for-this-test');
      const { page, troubles, close } = await signedIn();
      await page.goto('/docs');
      await page.locator('.btn.authorize').click();
      await page.locator('.auth-container input').fill(token);
      await page.locator('.auth-btn-wrapper .authorize').click();
      await page.locator('.auth-btn-wrapper .btn-done').click();
      const me = await tryOut(page, 'getMe', asItIs);
      expect(me).toMatchObject({ status: 200, headers: { authorization: `Bearer ${token}` } });
      expect(
        await page
          .locator('.opblock.is-open .live-responses-table .response .response-col_description')
          .first()
          .textContent(),
      ).toContain('"bo"');
      const refused = await tryOut(page, 'createGroup', (block) =>
        block.locator('textarea.body-param__text').fill(JSON.stringify({ name: 'stowaways' })),
      );
      expect(refused).toMatchObject({ status: 403, shown: 403 });
      expect(troubles).toEqual([]);
      await close();
    },
    patienceMs,
  );

  test(
    'the frame round both speaks the language of the browser',
    async () => {
      const { page, troubles, close } = await signedIn('zh-CN');
      for (const path of ['/docs', '/redoc']) {
        await page.goto(path);
        expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
        expect(await page.locator('.frame nav').textContent()).toContain('在线调试');
      }
      expect(troubles).toEqual([]);
      await close();
    },
    patienceMs,
  );

  test('whoever does not look at them does not load them', async () => {
    const { page, close } = await visit(browser, berth.url);
    const paths: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname));
    await page.goto('/sign-in', { waitUntil: 'networkidle' });
    expect(paths.filter((path) => /swagger|redoc|reference/.test(path))).toEqual([]);
    await close();
  });
});
