import { isFailure } from '../../src/errors/failure.js';

/** What became of it: 'done', the code of a Failure, or another error in words. */
export function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (isFailure(error) ? error.code : String(error)),
  );
}
