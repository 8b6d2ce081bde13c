import { clock } from '../async/clock.js';
import { parseDuration, ValueError } from '../config/values.js';
import { CommandFailure } from './exit-codes.js';

/** A day, or a day and a time of it, as ISO 8601 writes them; without a zone it is the time of this machine. */
const day = /^\d{4}-\d\d-\d\d$/;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** For the help of an option that {@link parseExpiry} reads. */
export const expiryHelp = 'when it ends: in 90d or 12h, on 2030-01-31, or at 2030-01-31T18:00:00Z';

/**
 * When something ends, as the API takes it: so long from now (`90d`, `12h`), at the beginning of a day (`2030-01-31`) or at a time.
 * Throws "usage" for anything else and for what is past.
 */
export function parseExpiry(text: string, now = clock.wall()): string {
  const end = day.test(text) ? new Date(`${text}T00:00:00`) : moment.test(text) ? new Date(text) : after(text, now);
  // A day that no month has is another one to Date.
  const isDay = !day.test(text) || end.getDate() === Number(text.slice(8));
  if (Number.isNaN(end.getTime()) || !isDay) throw notATime(text);
  if (end.getTime() <= now) throw new CommandFailure('usage', `${text} is past`);
  return end.toISOString();
}

function after(text: string, now: number): Date {
  try {
    return new Date(now + parseDuration(text));
  } catch (error) {
    if (error instanceof ValueError) throw notATime(text);
    throw error;
  }
}

function notATime(text: string): CommandFailure {
  return new CommandFailure('usage', `${text} is not a time such as 90d, 2030-01-31 or 2030-01-31T18:00:00Z`);
}
