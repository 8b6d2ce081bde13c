import type { Action } from '../../access/action.js';
import type { Narrowing } from '../../access/policy.js';
import type { Principal } from '../../access/principal.js';
import { isRepositoryName, type RepositoryName } from '../../oci/repository-name.js';
import type { Scope } from '../../oci/scope.js';
import type { Asker } from '../../permissions/asker.js';

/** The actions the registry protocol knows, in the order they are written. `manage` is ours and never in a token. */
const registryActions = ['pull', 'push', 'delete'] as const satisfies readonly Action[];

/** Scopes answered before others have their turn: each may ask the database three things. */
const atOnce = 50;

/** What `Permissions` is asked here. */
export interface AskPermissions {
  allowedActions(
    principal: Principal,
    name: RepositoryName,
    narrowedTo?: readonly Narrowing[],
  ): ReadonlySet<Action> | Promise<ReadonlySet<Action>>;
}

/**
 * Requested ∩ permitted, never an error (Distribution's token specification, "Requesting a Token"). `*` asks for all
 * actions and is answered with those permitted, spelled out; a scope of which nothing is permitted, or that names
 * nothing we know, is left out, so a missing repository looks like a forbidden one.
 */
export async function grantedAccess(
  asker: Asker,
  requested: readonly Scope[],
  permissions: AskPermissions,
): Promise<Scope[]> {
  const granted: Scope[] = [];
  for (const [at, scope] of requested.entries()) {
    if (at > 0 && at % atOnce === 0) await new Promise(setImmediate);
    const actions = await grantedActions(asker, scope, permissions);
    if (actions.length > 0) granted.push({ type: scope.type, name: scope.name, actions });
  }
  return granted;
}

async function grantedActions(
  { principal, narrowedTo }: Asker,
  { type, name, actions }: Scope,
  permissions: AskPermissions,
): Promise<readonly string[]> {
  if (type === 'registry' && name === 'catalog') {
    // The catalogue lists and finds only what the asker may pull, so everybody with an account may ask for it.
    if (principal.kind === 'anonymous') return [];
    return actions.includes('*') ? ['*'] : actions.filter((action) => action === 'search');
  }
  if (type !== 'repository' || !isRepositoryName(name)) return [];
  const permitted = await permissions.allowedActions(principal, name, narrowedTo);
  return registryActions.filter(
    (action) => permitted.has(action) && (actions.includes(action) || actions.includes('*')),
  );
}
