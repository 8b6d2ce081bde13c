import { AnsweringThreads } from './answering-threads.js';
import type { Commit, CommitAnswer } from './commit-worker.js';
import { diskFailure } from './disk-failure.js';

/** Commits under way at a time: enough for the file system to make several durable with one write of its journal. */
const most = 4;
/** The same of files that are whole already: large uploads, which are few, and each thread takes 9 MB. */
const mostOfFiles = 2;

/**
 * Makes files appear durably, in threads of their own: a commit is a dozen system calls one after the other, some of which
 * wait for the disk, and the threads of Node's pool have pulls to serve.
 */
export class CommitThreads {
  readonly #threads: AnsweringThreads<Commit, CommitAnswer>;

  /** @param worker the compiled `commit-worker.js`, for a caller that runs from the sources */
  constructor(worker = new URL('./commit-worker.js', import.meta.url)) {
    this.#threads = new AnsweringThreads(worker);
  }

  /**
   * Resolves when the file is whole and durable under its name. `from` is gone either way.
   * Throws STORAGE_FULL, STORAGE_UNAVAILABLE.
   */
  async commit(commit: Commit): Promise<void> {
    const thread = this.#threads.take(commit.bytes === undefined ? mostOfFiles : most);
    try {
      const failed = await thread.ask(commit);
      if (failed !== null) {
        throw Object.assign(new Error(failed.message), { code: failed.code });
      }
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
