import { mkdtemp } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { type Berth, startBerth } from '../../test/support/berth.js';
import { startDockerRegistry } from '../../test/support/docker-registry.js';
import { type Credentials, RegistryClient } from '../../test/support/registry-client.js';
import { findTool } from '../../test/support/tools.js';

/** A registry under measurement: Berth with authentication on, or a peer as it comes. */
export interface Peer {
  readonly name: 'berth' | 'docker-registry';
  readonly url: string;
  readonly pid: number;
  /** Whom to sign in as; undefined where nobody has to. */
  readonly credentials: Credentials | undefined;
  client(agent?: Agent): Promise<RegistryClient>;
  stop(): Promise<number>;
}

const env = { BERTH_TOKEN_SECONDS: '3600' };

/** One of its own. */
export async function startBerthPeer(): Promise<Peer> {
  return berthPeer(await startBerth({ env }));
}

/** One that was started with settings of its own. */
export function berthPeer(berth: Berth): Peer {
  return {
    name: 'berth',
    url: berth.url,
    pid: berth.pid,
    credentials: berth.admin,
    client: (agent) => RegistryClient.open(berth.url, berth.admin, agent),
    stop: () => berth.stop(),
  };
}

/**
 * Berth first, then every peer that this machine has.
 * @param directory that they keep everything in, each in a new one below it, which stay; left out: temporary ones
 */
export async function startPeers(directory?: string): Promise<Peer[]> {
  const below = (name: string) => directory && mkdtemp(join(directory, `${name}-`));
  const dataDir = await below('berth');
  const peers = [berthPeer(await startBerth({ env, ...(dataDir && { dataDir }) }))];
  if (findTool('docker-registry')) {
    const registry = await startDockerRegistry(undefined, await below('docker-registry'));
    const { url, pid } = registry;
    const client = (agent?: Agent) => RegistryClient.open(url, undefined, agent);
    peers.push({ name: 'docker-registry', url, pid, credentials: undefined, client, stop: () => registry.stop() });
  }
  return peers;
}
