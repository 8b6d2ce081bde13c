import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureHttp } from './api/http/configure-http.js';
import { applicationOn } from './app.module.js';
import { clientAddress } from './auth/request-origin.js';
import type { Config } from './config/config.js';
import { DataDirectory } from './data-directory/data-directory.js';
import { StartupError } from './data-directory/startup-error.js';
import type { Database } from './database/database.js';
import { openDatabase } from './database/open-database.js';
import { entities } from './entities.js';
import { BerthHttpAdapter } from './http-server.js';
import { logRequest } from './logging/access-log.js';
import type { Log } from './logging/logger.js';
import { NestLog } from './logging/nest-log.js';
import { DataPlane } from './registry/http/data-plane.js';
import { Users } from './users/users.js';

/** A running Berth. */
export interface App {
  /** Where it listens, as a person would type it. */
  readonly url: string;
  /** The first administrator, when this start made one; the password only when it was generated. */
  readonly firstAdmin: { readonly username: string; readonly generatedPassword?: string } | undefined;
  /** Stops accepting, lets what is in flight finish for at most `graceMs`, and gives the data directory back. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Makes the whole application on `config` and listens. Everything that can refuse to start does so here, as a
 * `StartupError` with one plain sentence, and leaves nothing locked.
 */
export async function createApp(config: Config, log: Log): Promise<App> {
  const dataDirectory = await DataDirectory.open(config);
  try {
    const database = await openDatabase({ file: dataDirectory.file('berth.db'), entities, log });
    try {
      return await assemble(config, dataDirectory, database, log);
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await dataDirectory.close();
    throw error;
  }
}

async function assemble(config: Config, dataDirectory: DataDirectory, database: Database, log: Log): Promise<App> {
  const adapter = new BerthHttpAdapter((request, response) =>
    logRequest(log, request, response, (from) => clientAddress(from, config)),
  );
  const nest = await NestFactory.create<NestExpressApplication>(
    applicationOn({ config, dataDirectory, database, log }),
    adapter,
    { bodyParser: false, logger: new NestLog(log), abortOnError: false },
  );
  configureHttp(nest, config);
  adapter.plane = nest.get(DataPlane);
  const firstAdmin = await nest.get(Users).createFirstAdmin(config.admin);
  await nest.init();
  const server: Server = nest.getHttpServer();
  await listen(server, config);
  return {
    url: urlOf(server, config),
    firstAdmin,
    close: async (graceMs = 30_000) => {
      await drain(server, graceMs);
      await nest.close();
      await database.close();
      await dataDirectory.close();
    },
  };
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => resolve());
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartupError(`Port ${port} on ${host} is already in use: stop the other program or set BERTH_PORT.`);
    case 'EACCES':
      return new StartupError(`Port ${port} may not be opened by this user: choose one above 1023 with BERTH_PORT.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(`BERTH_HOST ${host} is not an address of this machine.`);
    default:
      return error;
  }
}

/** The address to show a person: the public one, else the listening one with a wildcard host spelled `localhost`. */
function urlOf(server: Server, config: Config): string {
  if (config.publicUrl) return config.publicUrl.origin;
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind of address
  const wildcard = config.host === '0.0.0.0' || config.host === '::';
  const host = wildcard ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${port}`;
}

/** Resolves when every request in flight is answered, or cuts what is left after `graceMs`. */
function drain(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    // A kept-alive connection becomes idle only when its last answer is out, so it is looked for again.
    const idle = setInterval(() => server.closeIdleConnections(), 100);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}
