import { Failure } from '../errors/failure.js';

/** Characters of a description. */
export const maxDescriptionLength = 4096;

/** Control characters but tabs and line breaks, halves of characters, and what turns the direction of a text round. */
const hidden = /[^\P{Cc}\t\n\r]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** In English. */
const descriptionRule =
  'a description has no control characters but tabs and line breaks, and nothing that turns the direction of the text';

/** What people write of a repository, a group or a robot. Throws VALIDATION_FAILED; left out, there is nothing to say. */
export function assertDescription(text: string | undefined): void {
  if (text === undefined || (!hidden.test(text) && text.length <= maxDescriptionLength)) return;
  const message = hidden.test(text) ? descriptionRule : `at most ${maxDescriptionLength} characters`;
  throw new Failure('VALIDATION_FAILED', { detail: [{ pointer: '/description', message }] });
}
