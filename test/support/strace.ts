import { Background } from './child.js';

/** Runs `work` while strace looks at a process and all of its threads, or interferes with its system calls. */
export async function traced<T>(pid: number, parameters: readonly string[], work: () => Promise<T>): Promise<T> {
  const strace = new Background('strace', ['-f', '-p', String(pid), ...parameters]);
  await strace.waitFor(/attached/);
  try {
    return await work();
  } finally {
    strace.signal('SIGINT');
    await strace.ended;
  }
}

/** One finished system call of a trace written with `-f -y`, in the order of their ends. */
export interface TracedCall {
  readonly name: string;
  readonly parameters: string;
  readonly result: string;
  /** Lines of the trace on which it began and was over. */
  readonly began: number;
  readonly ended: number;
}

/** Reads a trace; a call that another thread interrupts stands on two lines of it. */
export function parseTrace(text: string): TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, { name: string; parameters: string; began: number }>();
  for (const [line, content] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(content) ?? [];
    const [, name, parameters = ''] = /^(\w+)\((.*?)(?: <unfinished \.\.\.>|\) += .*)$/.exec(rest) ?? [];
    if (rest.endsWith('<unfinished ...>') && name !== undefined) {
      unfinished.set(thread, { name, parameters, began: line });
      continue;
    }
    const result = / = (.*)$/.exec(rest)?.[1] ?? '';
    if (rest.startsWith('<... ')) {
      const begun = unfinished.get(thread);
      unfinished.delete(thread);
      if (begun !== undefined) calls.push({ ...begun, result, ended: line });
    } else if (name !== undefined) calls.push({ name, parameters, result, began: line, ended: line });
  }
  return calls;
}
