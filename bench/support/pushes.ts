import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../src/config/project-root.js';
import type { BuiltImage, Content } from '../../test/support/images.js';
import { findTool } from '../../test/support/tools.js';
import type { Peer } from './peers.js';

const script = join(projectRoot(), 'bench', 'support', 'pushes.lua');

/** What one client sends, in this order. */
export type Upload = { readonly blob: Content } | { readonly tag: string; readonly manifest: Content };

/** An image under a tag: its layers, its config, its manifest. */
export function uploadsOf(tag: string, { layers, config, manifest }: BuiltImage): Upload[] {
  return [...layers, config].map((blob): Upload => ({ blob })).concat({ tag, manifest });
}

/**
 * Seconds until every client has sent everything, each over one connection and at the same time. The clients are one wrk,
 * because clients in Node take as much of the processor as the registry. Throws when one thing was not acknowledged.
 */
export async function secondsToPush(
  peer: Peer,
  repository: string,
  clients: readonly (readonly Upload[])[],
): Promise<number> {
  const command = findTool('wrk');
  if (!command) throw new Error('this benchmark needs wrk');
  const token = await (await peer.client()).token(`repository:${repository}:pull,push`);
  const directory = await mkdtemp(join(tmpdir(), 'berth-pushes-'));
  try {
    for (const [index, uploads] of clients.entries()) await write(join(directory, String(index + 1)), uploads);
    const wrk = spawn(command, [
      ...[`-c${clients.length}`, `-t${clients.length}`, '-d1h', '--timeout', '30s', '-s', script, peer.url],
      ...['--', directory, repository, ...(token === undefined ? [] : [token])],
    ]);
    const started: number[] = [];
    const finished: number[] = [];
    for await (const line of createInterface(wrk.stdout)) {
      const [what = '', seconds] = line.split(' ');
      if (what === 'started') started.push(Number(seconds));
      if (what === 'finished') finished.push(Number(seconds));
      if (what === 'wrong' || finished.length === clients.length) wrk.kill('SIGINT');
      if (what === 'wrong') throw new Error(line);
    }
    if (finished.length !== clients.length) throw new Error('wrk ended early');
    return Math.max(...finished) - Math.min(...started);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function write(path: string, uploads: readonly Upload[]): Promise<void> {
  const file = await open(path, 'w');
  for (const upload of uploads) {
    const { bytes, mediaType, digest } = 'blob' in upload ? upload.blob : upload.manifest;
    const head =
      'blob' in upload ? `blob ${digest} ${bytes.length}` : `manifest ${upload.tag} ${mediaType} ${bytes.length}`;
    await file.write(`${head}\n`);
    await file.write(bytes);
  }
  await file.close();
}
