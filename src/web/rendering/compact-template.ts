import { elementHelpers } from '../known-helpers.js';

/** Handlebars, which is left alone whatever it spans. Comments come first, because their words may hold quotes. */
const handlebars = [
  String.raw`\{\{~?!--[^]*?--~?\}\}`,
  String.raw`\{\{~?![^]*?\}\}`,
  String.raw`\{\{(?:"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|[^}"']|\}(?!\}))*\}\}+`,
].join('|');
const quoted = ['"', "'"].map((quote) => `${quote}(?:${handlebars}|[^${quote}{]|\\{(?!\\{))*${quote}`).join('|');
const tag = `<[/!]?[a-z](?:${handlebars}|${quoted}|[^>"'{])*>`;
/** What HTML calls white space: a space that does not break is a character like others. */
const space = '[ \\t\\n\\f\\r]+';
const word = '[^<{ \\t\\n\\f\\r]+|[<{]';

const tokens = new RegExp(`${handlebars}|<!--[^]*?-->|${tag}|${space}|${word}`, 'gi');
const gapsInTag = new RegExp(`(${handlebars}|${quoted})|${space}(>$)?`, 'g');
const isTag = new RegExp(`^(?:${tag})$`, 'i');
const isSpace = new RegExp(`^${space}$`);

/** Handlebars that makes elements, or nothing. */
const isMarkup = new RegExp(`^\\{\\{~?(?:[>!]|(?:${elementHelpers.join('|')})(?=[\\s~}]))`);
/** Elements without content. */
const isEmpty = /^<(?:!|(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)|\/>$/i;
/** Elements whose content is kept to the letter. */
const isVerbatim = /^<(?<name>pre|textarea|script|style)\b/i;

/** White space, or how a token meets it: as the beginning or end of something, as both, as a whole thing, as text. */
type Kind = 'space' | 'opening' | 'closing' | 'turning' | 'whole' | 'text';

interface Token {
  readonly kind: Kind;
  readonly text: string;
}

function kindOf(text: string): Kind {
  if (isSpace.test(text)) return 'space';
  if (text.startsWith('<!--') || isMarkup.test(text)) return 'whole';
  if (/^\{\{~?(?:else\b|\^~?\}\})/.test(text)) return 'turning';
  if (/^\{\{~?[#^]/.test(text)) return 'opening';
  if (/^\{\{~?\//.test(text)) return 'closing';
  if (!isTag.test(text)) return 'text';
  if (text.startsWith('</')) return 'closing';
  return isEmpty.test(text) ? 'whole' : 'opening';
}

/** The parts of a template; comments of Handlebars are none, unless a `~` in them does something. */
function* tokensOf(template: string): Generator<Token> {
  tokens.lastIndex = 0;
  for (let found = tokens.exec(template); found !== null; found = tokens.exec(template)) {
    const [text] = found;
    const kind = kindOf(text);
    const fault = (what: string): Error =>
      new Error(`${what} without an end in line ${template.slice(0, found?.index).split('\n').length}`);
    if (text === '<' && /^[/!]?[a-z]/i.test(template.slice(tokens.lastIndex))) throw fault('a tag');
    if (/^\{\{!(?!.*~\}\}$)/s.test(text)) continue;
    yield { kind, text: isTag.test(text) ? compactTag(text) : text };
    const { name } = isVerbatim.exec(text)?.groups ?? {};
    if (name === undefined) continue;
    const rest = template.slice(tokens.lastIndex);
    const length = rest.search(new RegExp(`</${name}\\b`, 'i'));
    if (length < 0) throw fault(`<${name}>`);
    yield { kind: 'text', text: rest.slice(0, length) };
    tokens.lastIndex += length;
  }
}

/** A tag with one space between its attributes. */
function compactTag(text: string): string {
  return text.replace(gapsInTag, (_, kept?: string, end?: string) => kept ?? end ?? ' ');
}

/** What is left of the white space between two tokens. */
function gapBetween(before: Kind, written: string, after: Kind): string {
  if (!written.includes('\n')) return written === '' ? '' : ' ';
  const isEdge = before === 'opening' || before === 'turning' || after === 'closing' || after === 'turning';
  return !isEdge && (before === 'text' || after === 'text') ? ' ' : '';
}

/**
 * A Handlebars template without the white space that is there for its readers. A line break and its indentation go
 * between two tags, just inside an element or a block, and at both ends of the template; elsewhere beside text they
 * become one space, as HTML would show them. White space without a line break is meant: one space of it stays. Blocks,
 * partials and helpers that answer an element count as tags, other values as text. What stands in quoted attributes,
 * `pre`, `textarea`, `script` and `style` stays as it is, and so does every `~`. Comments of Handlebars go. Throws when a
 * tag or one of these elements has no end.
 */
export function compactTemplate(template: string): string {
  let compact = '';
  let before: Kind = 'opening';
  let gap = '';
  for (const { kind, text } of [...tokensOf(template), { kind: 'closing', text: '' } as const]) {
    if (kind === 'space') {
      gap += text;
      continue;
    }
    compact += gapBetween(before, gap, kind) + text;
    before = kind;
    gap = '';
  }
  return compact;
}
