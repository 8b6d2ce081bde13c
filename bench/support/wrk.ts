import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root.js';
import { mustRun } from '../../test/support/child.js';
import { findTool } from '../../test/support/tools.js';

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly requests: number;
  /** Of the answers' latency, in milliseconds. */
  readonly p99: number;
}

const units: Readonly<Record<string, number>> = { B: 1e-6, KB: 1.024e-3, MB: 1.048576, GB: 1073.741824 };

const milliseconds: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3 };
export interface WrkOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: Record<string, string>;
  /** POSTed; without one it is a GET. */
  readonly form?: string;
  /** The longest rest of a connection between two requests, in milliseconds; without one it asks again at once. */
  readonly rest?: number;
}

/** Asks one address for some seconds over `connections` kept open; throws when an answer was not 2xx or a connection failed. */
export async function wrk(url: string, options: WrkOptions): Promise<WrkResult> {
  const command = findTool('wrk');
  if (!command) throw new Error('this benchmark needs wrk');
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const threads = Math.min(2, options.connections);
  const { stdout } = await mustRun(command, [
    ...[`-c${options.connections}`, `-t${threads}`, `-d${options.seconds}s`, '--timeout', '30s', '--latency'],
    ...headers,
    ...scripted(options, url),
  ]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}\n${stdout}`);
  const requests = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  const [, amount, unit = ''] = /Transfer\/sec:\s+([\d.]+)([KMG]?B)/.exec(stdout) ?? [];
  const [, latency, latencyUnit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    p99: Number(latency) * (milliseconds[latencyUnit] ?? Number.NaN),
    requestsPerSecond: Number(requests),
    megabytesPerSecond: Number(amount) * (units[unit] ?? Number.NaN),
  };
}

function scripted({ form, rest }: WrkOptions, url: string): string[] {
  const script = (name: string) => join(projectRoot(), 'bench', 'support', name);
  if (form !== undefined) return ['-s', script('post-form.lua'), url, '--', form];
  if (rest !== undefined) return ['-s', script('paced.lua'), url, '--', String(rest)];
  return [url];
}
