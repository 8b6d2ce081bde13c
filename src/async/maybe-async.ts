/** A value that is there already, or a promise of it: what a cache answers, so that a hit costs no turn of the event loop. */
export type MaybeAsync<T> = T | Promise<T>;

/** Goes on with the value: immediately if it is there already. */
export function andThen<T, R>(value: MaybeAsync<T>, next: (value: T) => MaybeAsync<R>): MaybeAsync<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
