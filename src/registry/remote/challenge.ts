/** One way in which a server wants to be convinced (RFC 9110 §11.3). */
export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  /** By lower-case name. Of a name that comes twice the first value counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /[!#$%&'*+.^_`|~\w-]+/y;
const separator = /[\s,]*/y;
const token68 = /[ \t]+[\w.~+/-]+=*(?=[ \t]*(?:,|$))/y;
const assignment = /[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;

/**
 * Every challenge of a WWW-Authenticate header, in order. Several may stand in one header, between the same commas as their
 * parameters, and quoted values may have commas, equals signs and escapes in them. What follows something unreadable is left out.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(separator);
    const word = take(token)?.[0].toLowerCase();
    if (word === undefined) return challenges;
    const value = take(assignment);
    if (value === null) {
      challenges.push({ scheme: word, parameters: new Map() });
      take(token68); // what Negotiate and the like carry: nothing for us
      continue;
    }
    const parameters = challenges.at(-1)?.parameters;
    if (parameters !== undefined && !parameters.has(word)) parameters.set(word, unquoted(value));
  }
}

function unquoted([, quoted, plain = '']: RegExpExecArray): string {
  return quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
}
