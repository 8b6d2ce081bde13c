import 'reflect-metadata';
import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { JobFollowers } from './api/jobs/job-followers.js';
import { applicationOn, type Foundations, type Settings } from './app.module.js';
import { CommandSocket } from './command-socket.js';
import type { Config } from './config/config.js';
import { Connections } from './connections/connections.js';
import { DataDirectory } from './data-directory/data-directory.js';
import { keepLostLog, requireDatabase } from './data-directory/lost-database.js';
import { StartupError } from './data-directory/startup-error.js';
import { openDatabase } from './database/open-database.js';
import { DataPlane } from './distribution/data-plane.js';
import { drain } from './drain.js';
import { entities } from './entities.js';
import { logRequest } from './http/access-log.js';
import { configureHttp } from './http/configure-http.js';
import { Cors } from './http/cors.js';
import { clientAddress } from './http/request-origin.js';
import { BerthHttpAdapter } from './http-server.js';
import type { Log } from './logging/logger.js';
import { NestLog } from './logging/nest-log.js';
import { requireNativeModules } from './native-modules.js';
import { reachableAt } from './reachable-at.js';
import { TokenEndpoint } from './realm/token-endpoint.js';
import { reservedBytes } from './storage/disk-reserve.js';
import { readTlsFiles } from './tls-files.js';
import { FirstAdmin, type FirstSignIn } from './users/first-admin.js';

/** A running Berth. */
export interface App {
  /** Where it listens, as a person would type it. */
  readonly url: string;
  /** Where other machines of the network may find it. */
  readonly otherUrls: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  /** The socket file that the `berth` command talks to; undefined when the file system took none. */
  readonly socket: string | undefined;
  /** When this start made the first administrator, or the password that was generated for them is still not changed. */
  readonly firstSignIn: FirstSignIn | undefined;
  /** Takes up a certificate that was renewed, for connections from now on; undefined when HTTPS is not served here. */
  readonly reloadCertificate: (() => Promise<void>) | undefined;
  /** Stops accepting, lets what is in flight finish for at most `graceMs`, and gives the data directory back. */
  close(graceMs?: number): Promise<void>;
}

export interface AppOptions {
  /** `commands`: only the `berth` command is served, on the socket file; no port is opened and no first account made. */
  readonly serve?: 'everybody' | 'commands';
  /** The images are about to be taken from the files, so a database that is gone may be made anew. */
  readonly adopts?: boolean;
}

/**
 * Makes the whole application on its settings and listens. Everything that can refuse to start does so here, as a
 * `StartupError` with one plain sentence, and leaves nothing locked.
 */
export async function createApp({ config, settings }: Settings, log: Log, options: AppOptions = {}): Promise<App> {
  await requireNativeModules();
  const dataDirectory = await DataDirectory.open(config, (note) => log.warn({ note }, 'data directory'));
  try {
    if (options.adopts === true) keepLostLog(dataDirectory.path);
    else requireDatabase(dataDirectory.path);
    const largestLog = await largestLogOf(dataDirectory.path, config);
    const database = await openDatabase({ file: dataDirectory.file('berth.db'), entities, log, largestLog });
    try {
      return await assemble({ config, settings, dataDirectory, database, log }, options);
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await dataDirectory.close();
    throw error;
  }
}

/** The log of the database comes out of what is reserved on a full disk, so on a small one it is folded in sooner. */
async function largestLogOf(directory: string, { registry }: Config): Promise<number | undefined> {
  const reserved = await reservedBytes(directory, registry.diskReserveBytes);
  return reserved === 0 ? undefined : Math.min(64 * 2 ** 20, Math.max(2 ** 20, reserved / 4));
}

async function assemble(foundations: Foundations, { serve = 'everybody' }: AppOptions): Promise<App> {
  const { config, dataDirectory, database, log } = foundations;
  const open = serve === 'everybody';
  const tls = open ? config.tls : undefined;
  const connections = new Connections(config, log);
  await connections.ready();
  const adapter = new BerthHttpAdapter(
    connections,
    (request, response) => logRequest(log, request, response, (from) => clientAddress(from, config)),
    tls && readTlsFiles(tls, log),
  );
  const nest = await NestFactory.create<NestExpressApplication>(applicationOn(foundations), adapter, {
    bodyParser: false,
    logger: new NestLog(log),
    abortOnError: false,
  });
  configureHttp(nest, config);
  adapter.entries = [nest.get(DataPlane), nest.get(TokenEndpoint)];
  adapter.cors = Cors.of(config);
  await nest.init();
  const server: Server = nest.getHttpServer();
  // Listens first: whoever cannot must not have made an account. Requests wait until there is one.
  if (open) await listen(server, config);
  const firstSignIn = open ? await nest.get(FirstAdmin).prepare(config.admin) : undefined;
  adapter.begin();
  const commands = await CommandSocket.listen(adapter.secondServer(), dataDirectory, log);
  return {
    url: open ? urlOf(server, config) : '',
    otherUrls: open ? reachableAt(config, portOf(server)) : [],
    dataDir: config.dataDir,
    socket: commands?.path,
    firstSignIn,
    reloadCertificate:
      tls && server instanceof SecureServer ? async () => server.setSecureContext(readTlsFiles(tls, log)) : undefined,
    close: async (graceMs = 30_000) => {
      nest.get(JobFollowers).end(); // what has no end of its own
      await Promise.all([drain(server, graceMs), commands?.close(graceMs)]);
      connections.close();
      await nest.close();
      await database.close();
      await dataDirectory.close();
    },
  };
}

/** Connections that may wait to be accepted; the system takes as many of them as its own limit allows. Beyond it clients try again a second later. */
const backlog = 4096;

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ port, host, backlog }, () => resolve());
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
    case 'EAI_AGAIN':
      return new StartupError(`BERTH_HOST ${host} is not an address of this machine.`);
    default:
      return error;
  }
}

/** The address to show a person: the public one, else the listening one with a wildcard host spelled `localhost`. */
function urlOf(server: Server, config: Config): string {
  if (config.publicUrl) return config.publicUrl.origin;
  const wildcard = config.host === '0.0.0.0' || config.host === '::';
  const host = wildcard ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'https' : 'http'}://${host}:${portOf(server)}`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server that listens has no other kind of address
}
