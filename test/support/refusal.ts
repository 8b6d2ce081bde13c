import { tmpdir } from 'node:os';
import { launchBerth } from './berth.js';

export interface StartRefused {
  readonly code: number;
  /** The error stream. */
  readonly said: string;
  readonly milliseconds: number;
}

/** Starts the program where it must refuse; one that starts nevertheless is killed after 20 s, which is no code above 0. */
export async function refusedStart(env: Record<string, string>): Promise<StartRefused> {
  const started = performance.now();
  const child = launchBerth({ BERTH_HOST: '127.0.0.1', BERTH_PORT: '0', BERTH_LOG_FORMAT: 'json', ...env }, tmpdir());
  const insist = setTimeout(() => child.signal('SIGKILL'), 20_000);
  const code = await child.ended;
  clearTimeout(insist);
  return { code, said: child.errors.trim(), milliseconds: performance.now() - started };
}
