import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { until } from '../../test/support/ports.js';
import type { RegistryClient } from '../../test/support/registry-client.js';

export interface Transfer {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  readonly token?: string | undefined;
  readonly headers?: readonly string[];
  /** What is sent, with its length unless a header says otherwise; nothing when left out. */
  readonly file?: string;
}

export interface Transferred {
  /** Where the answer says to go on, absolute; empty when it does not. */
  readonly location: string;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** Until the first byte of the answer, with the connection's beginning, in milliseconds. */
  readonly firstByte: number;
}

/** A body of unknown length, as docker sends its layers. */
export const chunked = ['Transfer-Encoding: chunked'] as const;

/** Whether transfers follow each other over one connection, or run at once over as many as there are, or three at a time as docker's pulls do. */
export type CurlWay = keyof typeof ways;
const together = ['--parallel', '--no-progress-meter'];
const ways = { 'in turn': [], 'at once': together, 'three at a time': [...together, '--parallel-max', '3'] };

/** One client: a curl, because a client in Node takes as much of the processor as the registry. */
export class Curl {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;

  constructor(way: CurlWay = 'in turn') {
    const child = spawn('curl', [...ways[way], '--config', '-'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#ended = outputOf(child);
  }

  /** Resolves once it has started and waits for what to do, so that its start is not measured. */
  async ready(): Promise<void> {
    // proc(5): it sleeps in a system call whose first argument is its standard input.
    await until('curl', async () => /^\d+ 0x0 /.test(await readFile(`/proc/${this.#child.pid}/syscall`, 'utf8')));
  }

  /** Does all of this and ends; the answers are in the order of the questions. Throws unless every answer was 2xx. */
  async do(transfers: readonly Transfer[]): Promise<Transferred[]> {
    this.#child.stdin?.end(transfers.map(configOf).join('next\n'));
    const answers: Transferred[] = [];
    for (const line of (await this.#ended).trimEnd().split('\n')) {
      const [number, status = '', bytes, seconds, location = ''] = line.split(' ');
      const { method, url } = transfers[Number(number)] ?? {};
      if (!status.startsWith('2')) throw new Error(`${method} ${url} answered ${status}`);
      const absolute = location && new URL(location, url).href;
      answers[Number(number)] = { location: absolute, bytes: Number(bytes), firstByte: Number(seconds) * 1000 };
    }
    if (answers.length !== transfers.length) throw new Error('curl left something out');
    return answers;
  }
}

/** What a curl of its own does, started for it. */
export const curl = (transfers: readonly Transfer[], way?: CurlWay) => new Curl(way).do(transfers);

async function outputOf(child: ChildProcess): Promise<string> {
  const ended = once(child, 'close');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await ended;
  if (code !== 0) throw new Error(`curl ended with ${code}: ${output}`);
  return output;
}

function configOf({ method, url, token, headers = [], file }: Transfer, number: number): string {
  const sent = ['Content-Type: application/octet-stream', 'Expect:', ...headers];
  if (token !== undefined) sent.push(`Authorization: Bearer ${token}`);
  const options = [
    ['url', url],
    ['request', method],
    ['output', '/dev/null'],
    ['write-out', `${number} %{http_code} %{size_download} %{time_starttransfer} %header{location}\\n`],
    ...sent.map((header) => ['header', header]),
  ];
  if (file !== undefined) options.push(['upload-file', file]);
  else if (method !== 'GET') options.push(['data', '']);
  return `silent\nshow-error\n${options.map(([name, value]) => `${name} = "${value}"\n`).join('')}`;
}

/** The whole of a file as one PATCH, or as the PUT that finishes; resolves with the path of the Location. */
export async function sendFile(
  client: RegistryClient,
  repository: string,
  transfer: Pick<Transfer, 'method' | 'headers' | 'file'> & { readonly location: string },
): Promise<string> {
  const token = await client.token(`repository:${repository}:pull,push`);
  const [answer] = await curl([{ ...transfer, url: new URL(transfer.location, client.origin).href, token }]);
  const { pathname, search } = new URL(answer?.location ?? '');
  return pathname + search;
}

/** Where the PUT goes that finishes an upload. */
export function finishAt(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
}
