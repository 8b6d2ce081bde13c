import type { IncomingMessage } from 'node:http';

/** Whether a body is of this type and in UTF-8, which is what our types are made for; parsers would take UTF-7 as well. */
export function hasType({ headers }: Pick<IncomingMessage, 'headers'>, type: string): boolean {
  const [essence, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  return essence?.trim() === type && parameters.every((parameter) => /^ *charset="?utf-8"? *$/.test(parameter));
}
