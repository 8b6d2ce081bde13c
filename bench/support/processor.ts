import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** What a process has taken of the processors since its start, to 10 ms. */
export function processorMilliseconds(pid: number): number {
  // The name of the program, in brackets, may hold spaces; utime and stime are the 12th and 13th field behind it (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}
