/** One row of the fault matrix of docs/reliability.md. */
export interface Fault {
  /** F2, as in the document. */
  readonly id: string;
  readonly title: string;
  /** Programs it needs; all but those that say otherwise need root. */
  readonly tools: readonly string[];
  /**
   * Injects the fault and checks what was promised. Throws at the first promise that is broken; answers its figures in words.
   * `full` is the form with the numbers of the document, else a short one for every run of the tests.
   */
  run(full: boolean): Promise<string>;
}

/** `count` things one after the other. */
export async function times(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index++) await work(index);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
