import { plainLines } from './text-width.js';

/** What the exit code of `berth` says. Part of its interface: scripts decide by it. */
export const exits = {
  ok: { code: 0, meaning: 'done' },
  failure: { code: 1, meaning: 'failed for another reason' },
  usage: { code: 2, meaning: 'the command line or a value is not valid' },
  partial: { code: 3, meaning: 'some of several items failed' },
  denied: { code: 4, meaning: 'not signed in, or not allowed' },
  notFound: { code: 5, meaning: 'not found' },
  conflict: { code: 6, meaning: 'conflicts with the current state, or the data directory is in use' },
  temporary: { code: 75, meaning: 'temporary failure: try again' },
  interrupted: { code: 130, meaning: 'interrupted (SIGINT)' },
  terminated: { code: 143, meaning: 'terminated (SIGTERM)' },
} as const;

export type Exit = keyof typeof exits;

/** The exit for the status of a refused request. */
export function exitOfStatus(status: number): Exit {
  switch (status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
      return 'usage';
    case 401:
    case 403:
      return 'denied';
    case 404:
      return 'notFound';
    case 409:
    case 412:
      return 'conflict';
    case 429:
    case 502:
    case 503:
    case 504:
    case 507:
      return 'temporary';
    default:
      return 'failure';
  }
}

/** A command cannot go on: one sentence for people, of which a terminal obeys nothing, and the exit for scripts. */
export class CommandFailure extends Error {
  constructor(
    readonly exit: Exit,
    message: string,
    /** The stable code of the server that refused. */
    readonly code?: string,
  ) {
    super(plainLines(message)); // much of it is what a server said
    this.name = 'CommandFailure';
  }
}
