import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../test/support/child.js';
import { buildImage, writeLayout } from '../test/support/images.js';
import { timeOf } from './support/latencies.js';
import { type Peer, startPeers } from './support/peers.js';
import { alternate, print, type Row } from './support/row.js';

/** An image of 20 layers of 1 MB, pushed and pulled by skopeo, which signs in at Berth and need not at the peer. */
const layers = Array.from({ length: 20 }, () => 1_000_000);
const rounds = 5;
const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
const env = { PATH: process.env.PATH, HOME: directory, XDG_RUNTIME_DIR: directory };
const peers = await startPeers();
const layout = (round: number) => join(directory, `image-${round}`);
for (let round = 0; round < rounds; round++) {
  await writeLayout(layout(round), { latest: buildImage({ seed: `skopeo/${round}`, layers }) });
}

async function copy(side: 'src' | 'dest', { credentials }: Peer, from: string, to: string): Promise<number> {
  const who = credentials ? [`--${side}-creds`, `${credentials.username}:${credentials.password}`] : [];
  const parameters = ['--insecure-policy', 'copy', '--quiet', `--${side}-tls-verify=false`, ...who, from, to];
  return timeOf(() => mustRun('skopeo', parameters, { env }));
}

const nameAt = ({ url }: Peer, round: number) => `docker://${new URL(url).host}/bench/image-${round}:latest`;
const pushes = await alternate(peers, rounds, (peer, round) =>
  copy('dest', peer, `oci:${layout(round)}:latest`, nameAt(peer, round)),
);
const pulls = await alternate(peers, rounds, async (peer, round) => {
  const to = join(directory, 'pulled');
  const taken = await copy('src', peer, nameAt(peer, round), `oci:${to}:latest`);
  await rm(to, { recursive: true });
  return taken;
});

const row = { unit: 'ms', better: 'less', bar: { ratio: 1.2 } } as const;
const rows: Row[] = [
  { ...row, measure: 'push of an image of 20 layers by skopeo', figures: pushes },
  { ...row, measure: 'pull of an image of 20 layers by skopeo', figures: pulls },
];
for (const peer of peers) await peer.stop();
await rm(directory, { recursive: true });
print(rows);
