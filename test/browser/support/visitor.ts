import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findTool } from '../../support/tools.js';

/** Somebody with a browser of their own: no cookies of anybody else. */
export interface Visitor {
  readonly page: Page;
  /** What no page may cause: violated policies, console errors, exceptions, failed requests. */
  readonly troubles: string[];
  /** Fills the sign-in form and waits for the page behind it. */
  signIn(account: { readonly username: string; readonly password: string }): Promise<void>;
  close(): Promise<void>;
}

/** Debian's Chromium, without what would reach out of the machine. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findTool('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** A new visitor of the Berth at `url`. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: url, locale: 'en-US', ...options });
  const troubles: string[] = [];
  context.on('console', (message) => {
    // Chromium logs every answer of 400 and above; which answers are right is for the specs to say.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    if (message.type() === 'error' && !isStatus) troubles.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => troubles.push(`exception: ${error.error().message}`));
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!reason.includes('ERR_ABORTED')) troubles.push(`request: ${request.url()} ${reason}`);
  });
  await context.exposeFunction('reportViolation', (what: string) => troubles.push(`policy: ${what}`));
  await context.addInitScript({
    content: `addEventListener('securitypolicyviolation', (e) => reportViolation(e.violatedDirective + ' ' + e.blockedURI));`,
  });
  const page = await context.newPage();
  return {
    page,
    troubles,
    signIn: async ({ username, password }) => {
      await page.goto('/sign-in');
      await page.fill('input[name=username]', username);
      await page.fill('input[name=password]', password);
      await Promise.all([
        page.waitForURL((at) => at.pathname !== '/sign-in'),
        page.click('form[action="/sign-in"] .pri'),
      ]);
    },
    close: () => context.close(),
  };
}
