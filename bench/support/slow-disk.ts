import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../test/support/child.js';
import { findTool } from '../../test/support/tools.js';

/** Both, because Node calls one and SQLite the other. */
const source = (milliseconds: number) => `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void wait_for_the_disk(void) {
  struct timespec time = { 0, ${milliseconds}000000L };
  nanosleep(&time, 0);
}
int fsync(int file) {
  wait_for_the_disk();
  return ((int (*)(int)) dlsym(RTLD_NEXT, "fsync"))(file);
}
int fdatasync(int file) {
  wait_for_the_disk();
  return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(file);
}
`;

/** What a program needs in its environment to find every sync that much slower; undefined without a compiler. */
export async function slowDisk(directory: string, milliseconds: number): Promise<Record<string, string> | undefined> {
  const compiler = findTool('cc');
  if (!compiler) return undefined;
  const library = join(directory, 'slow-disk.so');
  await writeFile(join(directory, 'slow-disk.c'), source(milliseconds));
  await mustRun(compiler, ['-shared', '-fPIC', '-o', library, join(directory, 'slow-disk.c'), '-ldl'], {
    env: { PATH: process.env.PATH },
  });
  return { LD_PRELOAD: library };
}
