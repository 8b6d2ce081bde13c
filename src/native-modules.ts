import Database from 'better-sqlite3';
import { StartupError } from './data-directory/startup-error.js';

/** Throws StartupError, naming it, when native code of a package cannot be loaded: it is made for one Node on one system. */
export async function requireNativeModules(): Promise<void> {
  await load('better-sqlite3', () => new Database(':memory:').close());
  await load('bcrypt', () => import('bcrypt'));
}

async function load(name: string, use: () => unknown): Promise<void> {
  try {
    await use();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const reason = message.includes('NODE_MODULE_VERSION')
      ? `it was installed for another version of Node than this one (${process.version})`
      : (message.split('\n')[0] ?? '');
    throw new StartupError(`The module ${name} cannot be loaded: ${reason}. "npm start" installs what fits.`, {
      cause,
    });
  }
}
