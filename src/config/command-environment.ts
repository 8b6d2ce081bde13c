import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';

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

/** The environment, after the .env file that `npm start` reads too. */
export function commandEnvironment(): CommandEnvironment {
  const file = join(projectRoot(), '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  const { BERTH_URL, BERTH_TOKEN, BERTH_PASSWORD, NO_COLOR, ...settings } = process.env;
  return {
    settings,
    url: BERTH_URL || undefined,
    token: BERTH_TOKEN || undefined,
    password: BERTH_PASSWORD || undefined,
    noColor: NO_COLOR !== undefined && NO_COLOR !== '',
  };
}
