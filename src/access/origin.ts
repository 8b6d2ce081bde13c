import { AsyncLocalStorage } from 'node:async_hooks';
import type { Principal } from './principal.js';

/** Where a change comes from. */
export interface Origin {
  /** `user:ada`, `robot:team+ci`, `anonymous`, `system`, `local`. */
  readonly actor: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
}

/** Berth itself: the first administrator, a sweep. */
export const systemOrigin: Origin = { actor: 'system', address: '', userAgent: '', requestId: '' };

export function actorOf(principal: Principal): string {
  if (principal.kind === 'user' && principal.id === 0) return 'local'; // the berth command on the spot
  return principal.kind === 'anonymous' ? 'anonymous' : `${principal.kind}:${principal.name}`;
}

/** Whether something may be done; throws the refusal when not. */
export type Question = () => void | Promise<void>;

/** A change under way. */
interface Change {
  readonly origin: Origin;
  /** Asked again whenever it is about to write. */
  readonly questions: Question[];
  over: boolean;
}

const storage = new AsyncLocalStorage<Change>();
let running = 0;

/**
 * Runs a change, in which `record` knows who is behind it without being told through every layer, and every write of which asks first
 * whether it still may: bodies are slow and queues are long, and meanwhile a right may have been taken away.
 * Node follows the promises of the whole process while any storage is in use, so it is in use during changes only, never for reads.
 * @param question what was asked before it was begun
 */
export async function withOrigin<T>(origin: Origin, work: () => Promise<T>, question?: Question): Promise<T> {
  const change: Change = { origin, questions: question === undefined ? [] : [question], over: false };
  running++;
  try {
    return await storage.run(change, work);
  } finally {
    change.over = true;
    if (--running === 0) storage.disable();
  }
}

/** Begins what goes on by itself, in whoever's change it came up: no change, so nobody's. What it changes, Berth changes. */
export const outsideOfChanges: (begin: () => void) => void = AsyncLocalStorage.snapshot();

/** Runs what Berth does of its own accord, whoever's change it came up in: nobody is asked whether it may. */
export function ofItself<T>(work: () => Promise<T>): Promise<T> {
  return storage.getStore() === undefined ? work() : withOrigin(systemOrigin, work);
}

/** Asks now, and again before every later write of the change that runs. Throws what the question throws. */
export async function requireThroughout(question: Question): Promise<void> {
  await question();
  storage.getStore()?.questions.push(question);
}

/** Asks all that is to be asked before the change that runs may write. What it leaves running after its end is not asked any more. */
export async function confirmChange(): Promise<void> {
  const change = storage.getStore();
  if (change === undefined || change.over) return;
  for (const question of change.questions) await question();
}

/** Berth itself when nobody said otherwise. */
export function currentOrigin(): Origin {
  return storage.getStore()?.origin ?? systemOrigin;
}
