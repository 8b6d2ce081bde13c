import { Failure } from '../errors/failure.js';
import type { LayoutMirror } from './layout-mirror.js';
import { LayoutTasks } from './layout-tasks.js';

const none = { repositories: 0, manifests: 0, tags: 0, links: 0 };
const log = { info: () => undefined, error: () => undefined };

/** Walks until it is told to stop, with a turn of the event loop between two looks. */
function endless() {
  const mirror: Pick<LayoutMirror, 'catchUp' | 'complete'> = {
    catchUp: async () => undefined,
    complete: async ({ mirrored, gone }) => {
      while (!gone?.aborted) {
        mirrored?.(none);
        await new Promise(setImmediate);
      }
      throw new Error('the mirror was stopped');
    },
  };
  return new LayoutTasks({
    mirror: mirror as LayoutMirror,
    log,
    reindex: async ({ sum, stopped }) => {
      while (!stopped()) {
        sum(none);
        await new Promise(setImmediate);
      }
      throw new Error('stopped');
    },
  });
}

test.each(['sync', 'reindex'] as const)('a %s ends when whoever began it may not any more', async (kind) => {
  const tasks = endless();
  let asked = 0;
  tasks.start(kind, async () => {
    if (++asked > 3) throw new Failure('DENIED', { message: 'no administrator' });
  });
  while (tasks.current?.state === 'running') await new Promise(setImmediate);
  expect(tasks.current).toMatchObject({ state: 'failed', error: 'no administrator' });
});
