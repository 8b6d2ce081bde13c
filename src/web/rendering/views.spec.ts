import Handlebars from 'handlebars';
import { Languages } from '../../languages/languages.js';
import { knownHelpers } from '../known-helpers.js';
import { Assets } from './assets.js';
import { Locale } from './locale.js';
import { Views } from './views.js';

/** Views of these sources, compiled as the build does. */
function viewsOf(sources: Record<string, string>): Views {
  const options = {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(knownHelpers.map((name) => [name, true])),
  };
  const compiled = Object.entries(sources).map(([name, source]) => {
    const specification = Handlebars.precompile(source, options);
    return [name, new Function(`return ${specification}`)()];
  });
  return new Views(new Assets(), async () => Object.fromEntries(compiled));
}

const now = Date.UTC(2026, 10, 21, 9, 0);
const hostile = `"><script>alert('1')</script>`;
const escaped = '&quot;&gt;&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;';

describe('Views', () => {
  let locale: Locale;
  beforeAll(async () => {
    locale = new Locale('en', await new Languages().translator('en'), 'UTC');
  });
  const render = (source: string, model: object = {}): Promise<string> =>
    viewsOf({ view: source }).render('view', model, { locale, now, shell: {} });

  test('a field that the model lacks is an error, not an empty place', async () => {
    await expect(render('{{title}}')).rejects.toThrow('title');
  });

  test('whatever the model says is text', async () => {
    expect(await render('<p>{{it}}</p>', { it: hostile })).toBe(`<p>${escaped}</p>`);
    expect(await render('{{t "tags.of" name=it}}', { it: hostile })).toBe(`Tags of ${escaped}`);
    expect(await render('{{rich "shell.signedInAs" name=it}}', { it: hostile })).toBe(`Signed in as <b>${escaped}</b>`);
    expect(await render('{{rich "shell.signedInAs" name=it}}', { it: '$& $1 {name}' })).toContain(
      '<b>$&amp; $1 {name}</b>',
    );
    expect(await render('{{icon it class=it}}', { it: hostile })).not.toContain('<script');
  });

  test('inherited properties are not there', async () => {
    expect(await render('{{constructor}}', {})).toBe('');
    expect(await render('{{#if it.constructor}}yes{{/if}}', { it: {} })).toBe('');
  });

  test('a layout gets its page, and partials the values of the page', async () => {
    const views = viewsOf({
      frame: '<h1>{{title}}</h1>{{> @partial-block}}',
      part: '{{word}}',
      page: "{{#> frame title='A'}}{{> part word='b'}}{{/frame}}",
    });
    expect(await views.render('page', {}, { locale, now, shell: {} })).toBe('<h1>A</h1>b');
  });

  test('times', async () => {
    const html = await render('{{time at}}', { at: new Date(now - 3 * 3_600_000) });
    expect(html).toBe('<time datetime="2026-11-21T06:00:00.000Z" title="21 Nov 2026, 06:00">3 hours ago</time>');
  });
});

describe('Locale', () => {
  test.each([
    [0, '0 B', '0 B'],
    [999, '999 B', '999 B'],
    [1000, '1 kB', '1 kB'],
    [186_400_000, '186.4 MB', '186.4 MB'],
    [3_420_000_000, '3.4 GB', '3.4 GB'],
  ])('%d bytes', async (size, en, zh) => {
    const languages = new Languages();
    expect(new Locale('en', await languages.translator('en'), 'UTC').bytes(size)).toBe(en);
    expect(new Locale('zh-CN', await languages.translator('zh-CN'), 'UTC').bytes(size)).toBe(zh);
  });

  test('times in words, 24 hours, and the zone once', async () => {
    const zh = new Locale('zh-CN', await new Languages().translator('zh-CN'), 'Asia/Shanghai');
    expect(zh.date(new Date(Date.UTC(2026, 10, 21, 7, 38)))).toBe('2026年11月21日 15:38');
    expect(zh.ago(new Date(now - 12 * 60_000), now)).toBe('12 分钟前');
    expect(zh.ago(new Date(now + 5_000), now)).toBe('刚刚');
    expect(zh.zone).toBe('Asia/Shanghai (UTC+8)');
    expect(zh.list(['拉取', '推送'])).toBe('拉取、推送');
  });

  test('a share that is something is never 0 %', async () => {
    const en = new Locale('en', await new Languages().translator('en'), 'UTC');
    expect([en.percent(0), en.percent(0.0001), en.percent(0.45)]).toEqual(['0%', '1%', '45%']);
  });
});
