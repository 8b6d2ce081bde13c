import type { Job, JobLine } from '../../jobs/job.js';
import { type Named, named } from '../audit/present-event.js';

export interface PresentedJob extends Omit<Job, 'actor' | 'account' | 'uniqueKey' | 'lease'> {
  /** Who had it run. */
  readonly startedBy: Named;
}

export function presentJob({ actor, account, uniqueKey, lease, ...job }: Job): PresentedJob {
  return { ...job, startedBy: named(actor) };
}

/** One event of the stream, see https://html.spec.whatwg.org/multipage/server-sent-events.html. JSON has no line breaks of its own. */
export function eventOf(event: 'job' | 'line', data: PresentedJob | JobLine): string {
  const id = 'number' in data ? `id: ${data.number}\n` : '';
  return `event: ${event}\n${id}data: ${JSON.stringify(data)}\n\n`;
}
