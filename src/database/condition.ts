/**
 * Asked in the transaction of a change, of what is about to change as it is then; throws when it must not. No other transaction
 * changes it between the answer and the commit, because its row is locked (`lockRow` of `dialect.ts`).
 */
export type Condition<T> = (now: T) => void | Promise<void>;
