/** `npm run screenshots`: photographs the console, filled with the browser tests' examples, into docs/images in both languages. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './turn.mjs';

const pages = {
  'sign-in': '/sign-in',
  repositories: '/repositories',
  repository: '/r/platform/api-gateway/-/tags',
  image: '/r/platform/api-gateway/-/t/1.28.3',
  permissions: '/permissions',
};

await setUp();
const { startBerth } = await import('../dist/test/support/berth.js');
const { fillHarbour } = await import('../dist/test/browser/support/harbour.js');
const { startBrowser, visit } = await import('../dist/test/browser/support/visitor.js');

const berth = await startBerth({ env: { BERTH_PORT: process.env.BERTH_PORT ?? '5000' } });
const browser = await startBrowser();
try {
  await fillHarbour(berth);
  const directory = join(root, 'docs', 'images');
  mkdirSync(directory, { recursive: true });
  for (const locale of ['en', 'zh-CN']) {
    const options = { locale, viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
    const visitor = await visit(browser, berth.url, options);
    for (const [name, path] of Object.entries(pages)) {
      await visitor.page.goto(path, { waitUntil: 'networkidle' });
      await visitor.page.screenshot({ path: join(directory, `${name}.${locale}.png`) });
      if (name === 'sign-in') await visitor.signIn(berth.admin);
    }
    await visitor.close();
    if (visitor.troubles.length > 0) throw new Error(visitor.troubles.join('\n'));
  }
} finally {
  await browser.close();
  await berth.stop();
}
