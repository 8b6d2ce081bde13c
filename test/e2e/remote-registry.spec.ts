import { join } from 'node:path';
import { describeRegistry } from '../../src/registry/registry.contract.js';
import type { RemoteSettings } from '../../src/registry/remote/exchange.js';
import { RemoteRegistry } from '../../src/registry/remote/remote-registry.js';
import { type Berth, startBerth } from '../support/berth.js';
import { startDockerRegistry, type TokenRealm } from '../support/docker-registry.js';
import { addUser } from '../support/people.js';
import { requireTool } from '../support/tools.js';

interface Server {
  readonly url: string;
  readonly host: string;
  stop(): Promise<number>;
}

/** The client to a server of the specs, both ended by `close`. */
function remote(servers: readonly Server[], settings: Omit<RemoteSettings, 'url' | 'allowedAddresses'> = {}) {
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

const everything = { 'team/*': ['push', 'delete'] } as const;

describeRegistry('Berth, by its tokens,', async () => {
  const berth = await startBerth();
  return remote([berth], { credentials: await addUser(berth, 'mirror', everything) });
});

const abilities = { deletesTags: false, knowsReferrers: false };
const realmOf = (berth: Berth): TokenRealm => ({
  realm: `${berth.url}/token`,
  service: 'berth',
  issuer: 'berth',
  rootcertbundle: join(berth.dataDir, 'keys', 'ca.pem'),
});

requireTool('docker-registry')('docker-registry 2.8', () => {
  describeRegistry('open to everybody, it', async () => remote([await startDockerRegistry()]), abilities);

  describeRegistry(
    'behind a password, it',
    async () => {
      const credentials = { username: 'mirror', password: 'a: strange "password"' };
      return remote([await startDockerRegistry(credentials)], { credentials });
    },
    abilities,
  );

  describeRegistry(
    'behind the tokens of Berth, it',
    async () => {
      const berth = await startBerth();
      const registry = await startDockerRegistry(realmOf(berth));
      const credentials = await addUser(berth, 'mirror', everything);
      return remote([registry, berth], { credentials, realms: [berth.url] });
    },
    abilities,
  );
});
