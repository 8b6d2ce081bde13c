import { readFile, writeFile } from 'node:fs/promises';

/** Resident memory of a process in MB (10⁶ bytes), now and at its highest since `resetPeak`. */
export async function residentMegabytes(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Makes the peak start again at what is resident now (proc(5), clear_refs). */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** How far resident memory rises during some work above where it stood before, in MB. */
export async function growthDuring(pid: number, work: () => Promise<unknown>): Promise<number> {
  await resetPeak(pid);
  const before = (await residentMegabytes(pid)).now;
  await work();
  return (await residentMegabytes(pid)).peak - before;
}
