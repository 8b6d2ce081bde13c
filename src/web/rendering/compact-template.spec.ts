import Handlebars from 'handlebars';
import { compactTemplate } from './compact-template.js';

const lines = (...text: string[]): string => `${text.join('\n')}\n`;
/** The page of a template, as the build makes it. */
const render = (template: string, model: object): string => Handlebars.compile(compactTemplate(template))(model);

describe('a template without the white space of its readers', () => {
  test.each([
    [
      'elements a line each',
      lines('<ul>', '  <li>', '    {{a}}', '  </li>', '', '  <li>b</li>', '</ul>'),
      '<ul><li>{{a}}</li><li>b</li></ul>',
    ],
    ['inline elements a line each', lines('<p>', '  <b>a</b>', '  <i>b</i>', '</p>'), '<p><b>a</b><i>b</i></p>'],
    ['inline elements with a space that is meant', '<p><b>a</b>  <i>b</i> </p>', '<p><b>a</b> <i>b</i> </p>'],
    ['words over lines', lines('<p>', '  one', '  {{two}}', '  three', '</p>'), '<p>one {{two}} three</p>'],
    [
      'an element beside words',
      lines('<p>', '  one', '  <b>{{two}}</b>', '  three', '</p>'),
      '<p>one <b>{{two}}</b> three</p>',
    ],
    [
      'an element without content beside words',
      lines('<label>', '  <input>', '  {{a}}', '  <br/>', '  b', '</label>'),
      '<label><input> {{a}} <br/> b</label>',
    ],
    [
      'an element without content among others',
      lines('<p>', '  <br>', '  <svg>', '    <use/>', '  </svg>', '</p>'),
      '<p><br><svg><use/></svg></p>',
    ],
    [
      'a space that does not break',
      lines('<p>', '  \u00a0{{a}}\u00a0', '  \u00a0', '</p>'),
      '<p>\u00a0{{a}}\u00a0 \u00a0</p>',
    ],
    ['lines of Windows', '<p>\r\n\t{{a}}\r\n\tb\r\n</p>\r\n', '<p>{{a}} b</p>'],
    ['a sign that begins no tag', lines('<p>', '  1 < 2', '  { 3 }', '</p>'), '<p>1 < 2 { 3 }</p>'],
    ['the ends of a template', lines('', '', '  {{a}}', ''), '{{a}}'],
    ['the kind of document', lines('<!doctype html>', '<html>', '</html>'), '<!doctype html><html></html>'],
  ])('%s', (_, template, compact) => expect(compactTemplate(template)).toBe(compact));

  test.each([
    [
      'pre',
      lines('<div>', '  <pre id="a">', '  one', '', '    {{two}}  three</pre>', '</div>'),
      '<div><pre id="a">\n  one\n\n    {{two}}  three</pre></div>',
    ],
    [
      'textarea',
      lines('<textarea', '  rows="3"', '>', ' {{a}} ', '</textarea>', '<b>a</b>'),
      '<textarea rows="3">\n {{a}} \n</textarea><b>a</b>',
    ],
    [
      'script',
      lines('<script>', '  if (a <b && "</p>")', '    c()', '</script>'),
      '<script>\n  if (a <b && "</p>")\n    c()\n</script>',
    ],
    ['style', lines('<STYLE>', '  a { b: c }', '</STYLE>'), '<STYLE>\n  a { b: c }\n</STYLE>'],
    ['what only begins like one', lines('<prefix>', '  a', '</prefix>'), '<prefix>a</prefix>'],
  ])('the content of an element stays: %s', (_, template, compact) => expect(compactTemplate(template)).toBe(compact));

  test.each([
    ['over lines', lines('<input', '  id="a"', '', '  required', '>', '<br', '/>'), '<input id="a" required><br />'],
    [
      'with values over lines',
      lines('<p title="one', '  two"', "   lang='a  b' data-c='>'>", '</p>'),
      `<p title="one\n  two" lang='a  b' data-c='>'></p>`,
    ],
    [
      'with quotes in Handlebars in quotes',
      lines('<p', '  title="{{t "a  b"}}"', `  lang='{{t 'c  d' e="}}"}}'`, '>', '  a', '</p>'),
      `<p title="{{t "a  b"}}" lang='{{t 'c  d' e="}}"}}'>a</p>`,
    ],
    [
      'with blocks',
      lines('<a', '  href="{{b}}"{{#if c}} rel="d  e"{{/if}}', '  {{#if f}}download{{/if}}', '>', '  g', '</a>'),
      '<a href="{{b}}"{{#if c}} rel="d  e"{{/if}} {{#if f}}download{{/if}}>g</a>',
    ],
    ['that a partial adds', lines('<body', '  {{> words}}', '>', '</body>'), '<body {{> words}}></body>'],
    ['that are a partial', lines('data-a="b c"', 'data-d="{{e}}"'), 'data-a="b c" data-d="{{e}}"'],
  ])('attributes %s', (_, template, compact) => expect(compactTemplate(template)).toBe(compact));

  test.each([
    [
      'round elements',
      lines('{{#if a}}', '  <b>b</b>', '{{else if c}}', '  <i>d</i>', '{{else}}', '  <u>e</u>', '{{/if}}'),
      '{{#if a}}<b>b</b>{{else if c}}<i>d</i>{{else}}<u>e</u>{{/if}}',
    ],
    [
      'round text',
      lines('{{#each a}}', '  {{b}}', '{{^}}', '  c', '{{/each}}', '{{^d}}', '  e', '{{/d}}'),
      '{{#each a}}{{b}}{{^}}c{{/each}}{{^d}}e{{/d}}',
    ],
    [
      'beside text',
      lines('<p>', '  a', '  {{#if b}}', '    {{b}}', '  {{/if}}', '  c', '</p>'),
      '<p>a {{#if b}}{{b}}{{/if}} c</p>',
    ],
    [
      'beside elements',
      lines('<p>', '  <b>a</b>', '  {{#if b}}', '    <i></i>', '  {{/if}}', '  <u></u>', '</p>'),
      '<p><b>a</b>{{#if b}}<i></i>{{/if}}<u></u></p>',
    ],
    ['with spaces that are meant', '{{#each a}} <b>{{b}}</b> {{/each}}', '{{#each a}} <b>{{b}}</b> {{/each}}'],
    [
      'of a layout',
      lines('{{#> frame title="a  b"}}', '  {{> part}}', '  {{> @partial-block}}', '{{/frame}}'),
      '{{#> frame title="a  b"}}{{> part}}{{> @partial-block}}{{/frame}}',
    ],
    [
      'helpers that answer an element',
      lines(
        '<p>',
        "  {{icon 'a'}}",
        '  <b></b>',
        '  {{time a}}',
        '  {{icon b}}',
        '  c',
        '  {{time d~}}',
        '  {{timed}}',
        '  {{icon.e}}',
        '</p>',
      ),
      "<p>{{icon 'a'}}<b></b>{{time a}}{{icon b}} c {{time d~}} {{timed}} {{icon.e}}</p>",
    ],
    ['a value called like one', lines('<p>', '  {{elsewhere}}', '  {{ifs}}', '</p>'), '<p>{{elsewhere}} {{ifs}}</p>'],
    [
      'over lines',
      lines('{{> part', "  a='b  }}'", '  c=d', '}}', '<p>', '</p>'),
      "{{> part\n  a='b  }}'\n  c=d\n}}<p></p>",
    ],
  ])('blocks and partials: %s', (_, template, compact) => expect(compactTemplate(template)).toBe(compact));

  test.each([
    [
      'of Handlebars go',
      lines('<p>', '  {{! it’s <b> "so }}', '  <b></b>{{!-- a {{b}} --}}', '</p>'),
      '<p><b></b></p>',
    ],
    ['of Handlebars are not there between words', lines('<p>', '  a', "  {{! it's }}", '  b', '</p>'), '<p>a b</p>'],
    ['of HTML stay', lines('<p>', '  <!-- a', '  <b>  -->', '  <i></i>', '</p>'), '<p><!-- a\n  <b>  --><i></i></p>'],
  ])('comments %s', (_, template, compact) => expect(compactTemplate(template)).toBe(compact));

  test.each([
    ['between words', lines('<p>', '  {{a~}}', '  <b>{{a}}</b>', '  {{~a}}', '</p>'), '<p>1<b>1</b>1</p>'],
    [
      'in a tag',
      lines('<a', '  href="{{a}}"', '  {{~#if a}} download{{/if}}', '  {{~#if b}} rel="c"{{/if}}', '>', '</a>'),
      '<a href="1" download></a>',
    ],
    [
      'of blocks',
      lines('<p>', '  a', '  {{~#if a~}}', '    b', '  {{~else~}}', '    c', '  {{~/if~}}', '  d', '</p>'),
      '<p>abd</p>',
    ],
    ['of comments', lines('<p>', '  a', '  {{~! b ~}}', '  c', '</p>'), '<p>ac</p>'],
    ['in pre', '<pre> {{~a~}}\n b</pre>', '<pre>1b</pre>'],
  ])('a ~ takes away what it would: %s', (_, template, page) => expect(render(template, { a: 1 })).toBe(page));

  test('is what it was when there is nothing to take away, also the second time', () => {
    const template = '<p class="a{{#if b}} c{{/if}}">{{d}} <b>e</b></p><pre>\n f</pre>';
    expect(compactTemplate(template)).toBe(template);
    expect(compactTemplate(compactTemplate(lines('<p>', template, '</p>')))).toBe(`<p>${template}</p>`);
  });

  test.each([
    [lines('<p>', '<a href="b>c</a>'), 'a tag without an end in line 2'],
    [lines('<p>', '</p'), 'a tag without an end in line 2'],
    [lines('', '', '<pre>', 'a'), '<pre> without an end in line 3'],
  ])('%j is refused', (template, message) => expect(() => compactTemplate(template)).toThrow(message));
});
