/** Waits for everything, and only then rejects with the first failure: for tear-downs that must not stop half-way. */
export async function allOf(...work: (Promise<unknown> | undefined)[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
