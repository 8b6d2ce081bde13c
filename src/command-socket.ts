import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { DataDirectory } from './data-directory/data-directory.js';
import { socketName, withSocketPath } from './data-directory/socket-path.js';
import { drain } from './drain.js';
import { trustAsLocal } from './http/session/local-administrator.js';
import type { Log } from './logging/logger.js';

/** The socket file in the data directory: the REST API for whoever may open it, as an administrator. */
export class CommandSocket {
  private constructor(
    private readonly server: Server,
    /** Absolute. */
    readonly path: string,
  ) {}

  /** Undefined, and a warning in the log, when no socket can be made there: the registry does not depend on it. */
  static async listen(server: Server, dataDirectory: DataDirectory, log: Log): Promise<CommandSocket | undefined> {
    const path = dataDirectory.file(socketName);
    server.on('connection', trustAsLocal);
    try {
      await rm(path, { force: true }); // left by a process that was killed: we hold the lock, so nobody listens there
      await withSocketPath(path, (short) => bind(server, short));
      await chmod(path, 0o600);
      return new CommandSocket(server, path);
    } catch (error) {
      server.close();
      log.warn({ error, path }, 'no socket for the berth command');
      return undefined;
    }
  }

  async close(graceMs: number): Promise<void> {
    await drain(this.server, graceMs);
    await rm(this.path, { force: true });
  }
}

/** The file is nobody else's from its first moment on: Berth runs under a umask of 077. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
