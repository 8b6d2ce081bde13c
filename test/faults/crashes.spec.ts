import { requireRoot } from '../support/tools.js';
import { crashes } from './matrix/table.js';

/** The short forms; `npm run faults` runs them with the numbers of docs/reliability.md. */
for (const { id, title, tools, run } of crashes) {
  requireRoot(...tools)(id, () => {
    it(title, async () => {
      expect(await run(false)).not.toBe('');
    }, 120_000);
  });
}
