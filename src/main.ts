import { type App, createApp } from './app.js';
import { clock } from './async/clock.js';
import type { Config } from './config/config.js';
import { ConfigError } from './config/config-error.js';
import { loadProcessConfig } from './config/load.js';
import { StartupError } from './data-directory/startup-error.js';
import { Log } from './logging/logger.js';
import { onStopSignal } from './shutdown.js';
import { welcome } from './welcome.js';

/** Whoever started Berth reads one plain sentence; only a fault of the program itself shows its stack. */
function refuse(error: unknown): never {
  const expected = error instanceof StartupError || error instanceof ConfigError;
  console.error(expected ? error.message : error);
  process.exit(1);
}

async function start(): Promise<void> {
  process.umask(0o077); // what Berth keeps is its owner's alone, also in a directory that others may enter
  const loaded = await loadProcessConfig();
  const { config, notes } = loaded;
  const log = Log.open(config.log);
  for (const note of notes) log.warn({ note }, 'setting');
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'uncaught exception');
    process.exit(1);
  });
  const app = await createApp(loaded, log);
  onStopSignal((signal) => stop(app, log, signal));
  onHangUp(app.reloadCertificate, log);
  log.info({ url: app.url, startMs: startMs() }, 'listening');
  tellFirstSignIn(app, config, log);
}

/** Since the launcher was done with installing and building, else since the process began. */
function startMs(): number {
  const [prepared] = performance.getEntriesByName('prepared');
  return Math.round(clock.steady() - (prepared?.startTime ?? 0));
}

/** People get the whole welcome, and so does a log that nobody else will tell the password. */
function tellFirstSignIn(app: App, config: Config, log: Log): void {
  const { generatedPassword, passwordFile } = app.firstSignIn ?? {};
  if (config.log.format === 'pretty' || generatedPassword !== undefined) console.log(welcome(app));
  else if (passwordFile !== undefined) log.warn({ file: passwordFile }, 'the generated password was not changed yet');
}

/**
 * What renews certificates tells servers so with SIGHUP. One that does not fit leaves the one before it in force; without any
 * there is nothing to do, and ending, as Node would, is not what was asked for.
 */
function onHangUp(reload: App['reloadCertificate'], log: Log): void {
  process.on('SIGHUP', () => {
    if (reload === undefined) log.info({}, 'SIGHUP: there is no certificate to read again');
    else reload().catch((error: unknown) => log.error({ error }, 'the certificate before it stays'));
  });
}

async function stop(app: App, log: Log, signal: string): Promise<void> {
  log.info({ signal }, 'stopping');
  await app.close();
  log.info({}, 'stopped');
}

await start().catch(refuse);
