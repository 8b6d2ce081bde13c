/** Access asked of the token realm: `repository:team/app:pull,push` (Distribution's "Token Scope Documentation"). */
export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const grammar = /^([a-z0-9]+)(?:\([a-z0-9]+\))?:([!-~]+):([a-z,*]*)$/;

/** One scope. The name may hold colons (`host:5000/a`), so it ends at the last one; the class of `repository(plugin)` is dropped. Undefined when malformed. */
export function parseScope(text: string): Scope | undefined {
  const [, type, name, actions] = grammar.exec(text) ?? [];
  if (type === undefined || name === undefined || actions === undefined) return undefined;
  return { type, name, actions: unique(actions.split(',').filter((action) => action !== '')) };
}

/** All scopes of the given parameters, each of which may hold several between spaces. Same type and name become one; malformed ones are left out, because one bad scope fails no token. */
export function parseScopes(values: readonly string[]): Scope[] {
  const scopes = new Map<string, Scope>();
  for (const text of values.flatMap((value) => value.split(' '))) {
    const scope = parseScope(text);
    if (!scope) continue;
    const key = `${scope.type}:${scope.name}`;
    const earlier = scopes.get(key)?.actions ?? [];
    scopes.set(key, { ...scope, actions: unique([...earlier, ...scope.actions]) });
  }
  return [...scopes.values()];
}

export function formatScope({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join(',')}`;
}

function unique(actions: readonly string[]): readonly string[] {
  return [...new Set(actions)];
}
