import { mustRun } from '../../test/support/child.js';
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

/**
 * One client: a curl that does all of this, because a client in Node takes as much of the processor as the registry. Throws unless
 * every answer was 2xx. The answers are in the order of the questions.
 * @param way one after the other over one connection, or at once over as many as there are transfers
 */
export async function curl(
  transfers: readonly Transfer[],
  way: 'in turn' | 'at once' = 'in turn',
): Promise<Transferred[]> {
  const config = transfers.map(configOf).join('next\n');
  const { stdout } = await mustRun('curl', [...(way === 'at once' ? ['--parallel'] : []), '--config', '-'], {
    input: config,
    timeoutMs: 3_600_000, // what takes long is what is measured
  });
  const answers: Transferred[] = [];
  for (const line of stdout.trimEnd().split('\n')) {
    const [number, status = '', bytes, seconds, location = ''] = line.split(' ');
    const { method, url } = transfers[Number(number)] ?? {};
    if (!status.startsWith('2')) throw new Error(`${method} ${url} answered ${status}`);
    const absolute = location && new URL(location, url).href;
    answers[Number(number)] = { location: absolute, bytes: Number(bytes), firstByte: Number(seconds) * 1000 };
  }
  if (answers.length !== transfers.length) throw new Error('curl left something out');
  return answers;
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
