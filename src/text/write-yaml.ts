import { unreadable } from './clean-text.js';

/** What begins like a word and is none that means something: to many readers `no` is false, `1:30` a number and `2024-01-01` a date. */
const plain = /^(?!(?:y|yes|n|no|true|false|on|off|null)$)[\p{L}/]/iu;

/**
 * A document in which readers of YAML 1.1 and 1.2 find the same texts, numbers and flags. Texts with unreadable characters are in
 * double quotes, the only place where such a character can be escaped. The library is loaded when there is something to write.
 */
export async function writeYaml(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      const { value: text } = scalar;
      if (typeof text !== 'string') return;
      if (!plain.test(text) || text.replaceAll('\n', '').search(unreadable) >= 0) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return String(document);
}
