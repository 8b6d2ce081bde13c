import { AnsweringThreads } from './answering-threads.js';
import type { Commit } from './commit.js';
import { diskFailure } from './disk-failure.js';
import type { FileAnswer, FileTask, Write } from './file-worker.js';

/** Commits under way at a time: enough for the file system to make several durable with one write of its journal. */
const most = 4;
/** The same of large uploads, each thread taking 9 MB: one writes while another waits for the disk. */
const mostOfUploads = 2;

/**
 * Writes files and makes them appear durably, in threads of their own: both are many system calls one after the other, some
 * of which wait for the disk, and the threads of Node's pool have pulls to serve.
 */
export class FileThreads {
  readonly #threads: AnsweringThreads<FileTask, FileAnswer>;

  /** @param worker the compiled `file-worker.js`, for a caller that runs from the sources */
  constructor(worker = new URL('./file-worker.js', import.meta.url)) {
    this.#threads = new AnsweringThreads(worker);
  }

  /**
   * Resolves when the file is whole and durable under its name. `from` is gone either way.
   * Throws STORAGE_FULL, STORAGE_UNAVAILABLE.
   */
  async commit(commit: Commit): Promise<void> {
    await this.#perform({ kind: 'commit', ...commit }, commit.bytes === undefined ? mostOfUploads : most);
  }

  /** Resolves when all the bytes are in the file, though not yet durable. Throws STORAGE_FULL, STORAGE_UNAVAILABLE. */
  async write(write: Write): Promise<void> {
    await this.#perform({ kind: 'write', ...write }, mostOfUploads);
  }

  async #perform(task: FileTask, mostThreads: number): Promise<void> {
    const thread = this.#threads.take(mostThreads);
    try {
      const failed = await thread.ask(task);
      if (failed !== null) throw Object.assign(new Error(failed.message), { code: failed.code });
    } catch (error) {
      throw diskFailure(error);
    } finally {
      thread.release();
    }
  }

  /** Ends the threads; whoever waits for one is told. */
  async close(): Promise<void> {
    await this.#threads.close();
  }
}
