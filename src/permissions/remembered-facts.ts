import { type Pattern, patternsIncluding } from '../access/pattern.js';
import type { GrantFact } from '../access/policy.js';
import type { MaybeAsync } from '../async/maybe-async.js';
import { ReadCache } from '../async/read-cache.js';
import type { Changes } from '../changes/changes.js';
import type { ChangeKind } from '../changes/kinds.js';
import { Turns } from '../database/turns.js';
import type { Grantee, GrantFacts } from './grant-facts.store.js';
import { GrantedNames } from './granted-names.js';

/** Grants that are remembered for pairs of somebody and a repository, of about 350 bytes each at most. */
const grantsKept = 60_000;
/** What a pair takes beside its grants, in grants. */
const pairWorth = 2;
/** Prefixes that are remembered for what people see, of about a kilobyte each at most. */
const prefixesKept = 20_000;
/** Every change of a grant, a group or an account; with a repository goes what was granted on its name. */
const whatMakesFactsWrong: readonly ChangeKind[] = [
  ...(['grant.create', 'grant.update', 'grant.delete'] as const),
  ...(['group.update', 'group.delete', 'group.member-add', 'group.member-remove'] as const),
  ...(['user.update', 'user.password', 'user.delete'] as const),
  ...(['robot.update', 'robot.delete', 'robot.secret-add', 'robot.secret-remove'] as const),
  ...(['repository.rename', 'repository.delete'] as const),
];

/**
 * What somebody was granted, remembered until anything of it changes. How much memory that takes follows how much it is: others can
 * grant somebody a prefix in a prefix in a prefix, and all of them are there for each name below.
 */
export class RememberedFacts {
  readonly #on = new ReadCache<string, readonly GrantFact[]>(grantsKept, ({ length }) => pairWorth + length);
  readonly #granted = new ReadCache<string, GrantedNames>(
    prefixesKept,
    ({ below, holders }) => below.length + holders.length,
  );
  readonly #turns = new Turns<string>();

  constructor(
    private readonly facts: GrantFacts,
    changes: Changes,
  ) {
    changes.onCommitted(whatMakesFactsWrong, () => {
      this.#on.clear();
      this.#granted.clear();
    });
  }

  /** Their grants that include all of the pattern. Returns immediately if remembered. */
  including(grantee: Grantee, pattern: Pattern): MaybeAsync<readonly GrantFact[]> {
    const key = `${keyOf(grantee)} ${pattern}`;
    return this.#on.get(key) ?? this.#on.fill(key, () => this.facts.about(grantee, patternsIncluding(pattern)));
  }

  /** What shows them repositories. Several who ask for the same at once wait for one answer. */
  async grantedTo(grantee: Grantee): Promise<GrantedNames> {
    const key = keyOf(grantee);
    const read = async () => {
      const holders = await this.facts.holders(grantee);
      return new GrantedNames(await this.facts.prefixesOf(holders), holders);
    };
    return (
      this.#granted.get(key) ??
      this.#turns.run(key, async () => this.#granted.get(key) ?? this.#granted.fill(key, read))
    );
  }
}

function keyOf({ kind, id }: Grantee): string {
  return `${kind} ${id}`;
}
