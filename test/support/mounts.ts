import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from './child.js';

/** File systems of one test, all below one directory, and gone after `remove`. */
export class Mounts {
  readonly #points: string[] = [];

  private constructor(readonly directory: string) {}

  static async create(): Promise<Mounts> {
    return new Mounts(await mkdtemp(join(tmpdir(), 'berth-mounts-')));
  }

  /** Mounts `what` under a name; the options are those of mount(8). */
  async mount(name: string, what: string, ...options: string[]): Promise<string> {
    const point = join(this.directory, name);
    await mkdir(point, { recursive: true });
    await mustRun('mount', [...options, what, point]);
    this.#points.push(point);
    return point;
  }

  tmpfs(name: string, options: string): Promise<string> {
    return this.mount(name, 'tmpfs', '-t', 'tmpfs', '-o', options);
  }

  async unmount(point: string): Promise<void> {
    await mustRun('umount', [point]);
    this.#points.splice(this.#points.indexOf(point), 1);
  }

  /** Lazily: what a process with a mount namespace of its own still holds must not hide why a test failed. */
  async remove(): Promise<void> {
    for (const point of this.#points.splice(0).reverse()) await mustRun('umount', ['--lazy', point]);
    await rm(this.directory, { recursive: true });
  }
}
