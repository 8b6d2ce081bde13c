import { tmpdir } from 'node:os';
import { launchBerth } from './berth.js';

export interface StartRefused {
  readonly code: number;
  /** The error stream. */
  readonly said: string;
  readonly milliseconds: number;
}

/** Starts the program where it must refuse; one that starts nevertheless is ended after 10 s. */
export async function refusedStart(env: Record<string, string>): Promise<StartRefused> {
  const started = performance.now();
  const child = launchBerth({ BERTH_HOST: '127.0.0.1', BERTH_PORT: '0', BERTH_LOG_FORMAT: 'json', ...env }, tmpdir());
  const insist = setTimeout(() => child.signal('SIGKILL'), 10_000);
  const code = await child.ended;
  clearTimeout(insist);
  return { code, said: child.errors.trim(), milliseconds: performance.now() - started };
}
