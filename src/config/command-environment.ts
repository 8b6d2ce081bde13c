import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { errorCode } from '../errors/error-code.js';
import { ConfigError } from './config-error.js';
import { readPlainFile } from './plain-file.js';
import { projectRoot } from './project-root.js';
import { reason } from './sources.js';

/** What the `berth` command reads of its environment. */
export interface CommandEnvironment {
  /** The settings of a server, for the data directory. Without the command's own names, which a server would refuse. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** BERTH_URL, BERTH_TOKEN, BERTH_PASSWORD. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly password: string | undefined;
  /** https://no-color.org */
  readonly noColor: boolean;
}

/** The environment, after the .env file that `npm start` reads too. @throws ConfigError when that cannot be read */
export function commandEnvironment(): CommandEnvironment {
  const environment = { ...fileOfSettings(join(projectRoot(), '.env')), ...process.env };
  const { BERTH_URL, BERTH_TOKEN, BERTH_PASSWORD, NO_COLOR, ...settings } = environment;
  return {
    settings,
    url: BERTH_URL || undefined,
    token: BERTH_TOKEN || undefined,
    password: BERTH_PASSWORD || undefined,
    noColor: NO_COLOR !== undefined && NO_COLOR !== '',
  };
}

function fileOfSettings(file: string): Record<string, string | undefined> {
  try {
    return parseEnv(readPlainFile(file));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    throw new ConfigError([`${file} cannot be read (${reason(error)})`]);
  }
}
