import { existsSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config/config.js';
import { projectRoot } from './config/project-root.js';

/** Bridges that exist only inside this machine, for containers and virtual machines on it. */
const inside = /^(?:docker|br-|virbr|vmnet|vbox|cni|flannel|cali|podman|lxc|lxd)/i;

/**
 * Origins under which other machines of the network may reach a server that listens on every address of this one. None when
 * the operator has said which address it is, or in our image, whose addresses only the host of the container can reach.
 */
export function reachableAt(
  { host, publicUrl, tls }: Pick<Config, 'host' | 'publicUrl' | 'tls'>,
  port: number,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = inOurImage() ? {} : networkInterfaces(),
): string[] {
  if (publicUrl !== undefined || (host !== '0.0.0.0' && host !== '::')) return [];
  return Object.entries(interfaces)
    .filter(([name]) => !inside.test(name))
    .flatMap(([, addresses = []]) => addresses)
    .filter(({ internal, family, address }) => !internal && family === 'IPv4' && !address.startsWith('169.254.'))
    .map(({ address }) => `${tls ? 'https' : 'http'}://${address}:${port}`);
}

/** The Dockerfile leaves a mark; a container that somebody works in may well have an address of the network. */
function inOurImage(): boolean {
  return existsSync(join(projectRoot(), '.container'));
}
