/** References of one actor in an hour that have rows of their own. */
const most = 2000;

/** Which pulls have a row for their reference. Of an actor that pulls very many, the further ones are counted by repository. */
export class PullsOfHour {
  #hour = 0;
  #known = new Map<string, Set<number>>();

  /** @param key of actor, repository and reference */
  hasRoom(actor: string, key: string, hour: number): boolean {
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#known = new Map();
    }
    const known = this.#known.get(actor) ?? new Set();
    this.#known.set(actor, known);
    const number = hashOf(key);
    if (known.has(number)) return true;
    if (known.size >= most) return false;
    known.add(number);
    return true;
  }
}

/** 31 bits (FNV-1a): numbers take a tenth of what texts do, and two keys with the same one are a row more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}
