import type { RemoteSettings } from '../../src/registry/remote/exchange.js';
import { RemoteRegistry } from '../../src/registry/remote/remote-registry.js';

/** A registry that a spec started. */
export interface Server {
  readonly url: string;
  readonly host: string;
  stop(): Promise<number>;
}

/** The client to a server of the specs, both ended by `close`. */
export function remoteTo(servers: readonly Server[], settings: Omit<RemoteSettings, 'url' | 'allowedAddresses'> = {}) {
  const [{ url } = { url: '' }] = servers;
  const registry = new RemoteRegistry({ ...settings, url, allowedAddresses: servers.map(({ host }) => host) });
  return {
    registry,
    close: async () => {
      registry.close();
      const codes: number[] = [];
      for (const server of servers) codes.push(await server.stop());
      return codes.filter((code) => code !== 0 && code !== -1).map((code) => `ended with ${code}`); // -1: of SIGTERM, as docker-registry does
    },
  };
}
