import { readFile } from 'node:fs/promises';

/** Milliseconds for which the first thread of a process has run: what it took, however busy the machine is with other things. */
export async function processorMs(pid: number): Promise<number> {
  const [nanoseconds] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1e6;
}
