import type { Config } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';
import { type Loaded, loadConfig } from '../../src/config/load.js';

/** What the program is started with; a file that is not named is not there. */
export interface Given {
  env?: Record<string, string>;
  argv?: string[];
  files?: Record<string, string>;
  terminal?: boolean;
}

/** The settings and what is to be noted about them. */
export function load({ env = {}, argv = [], files = {}, terminal = false }: Given): Promise<Loaded> {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  };
  return loadConfig({ env, argv, readFile, cwd: '/srv/berth', terminal });
}

/** The settings alone. */
export async function config(given: Given): Promise<Config> {
  return (await load(given)).config;
}

/** What is wrong with the settings; throws where nothing is. */
export async function problems(given: Given): Promise<readonly string[]> {
  const error: unknown = await load(given).catch((thrown: unknown) => thrown);
  if (error instanceof ConfigError) return error.problems;
  throw new Error('the settings were accepted');
}
