import type { Document, LineCounter, Node } from 'yaml';
import { UnusableFile } from './plain-file.js';

const quotes = 'a text that begins with one goes into quotes';

/** Null as YAML's core schema writes it in plain text; in quotes it is the word. */
const nothing = /^(?:null|Null|NULL|~)$/;

/**
 * What the text of a YAML file says, every scalar as it is written, without the members that programs write as null. Tags, anchors and aliases mean nothing here: YAML would drop the
 * text behind them, which may be a password. The parser is loaded only when there is such a file.
 * @throws UnusableFile saying what is wrong and where, and quoting nothing of the text
 */
export async function readYaml(text: string): Promise<unknown> {
  const { isAlias, isScalar, LineCounter, parseDocument, visit } = await import('yaml');
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { schema: 'failsafe', stringKeys: true, lineCounter: lines });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) throw problem(meaningOf(wrong.code), wrong.pos[0], lines);
  const isNothing = (node: unknown) => isScalar(node) && node.type === 'PLAIN' && nothing.test(String(node.value));
  visit(document, {
    Pair: (_key, { value }) => (isNothing(value) ? visit.REMOVE : undefined),
    Scalar: (key, scalar) => (typeof key === 'number' && isNothing(scalar) ? visit.REMOVE : undefined),
  });
  visit(document, {
    Node(_key, node: Node) {
      if (isAlias(node)) throw problem(meaningOf('BAD_ALIAS'), startOf(node), lines);
      if ('anchor' in node && node.anchor !== undefined) throw problem(meaningOf('BAD_ALIAS'), startOf(node), lines);
    },
  });
  return document.toJS();
}

function meaningOf(code: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return `tags (!) mean nothing here; ${quotes}`;
  if (code === 'BAD_ALIAS' || code === 'MULTIPLE_ANCHORS' || code === 'ALIAS_PROPS')
    return `anchors (&) and aliases (*) mean nothing here; ${quotes}`;
  return `it is not the YAML of settings, ${code}`;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function problem(what: string, offset: number, lines: LineCounter): UnusableFile {
  const { line, col } = lines.linePos(offset);
  return new UnusableFile(`${what}, at line ${line}, column ${col}`);
}
