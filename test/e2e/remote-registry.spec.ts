import { join } from 'node:path';
import { describeRegistry } from '../../src/registry/registry.contract.js';
import { type Berth, startBerth } from '../support/berth.js';
import { startDockerRegistry, type TokenRealm } from '../support/docker-registry.js';
import { addUser } from '../support/people.js';
import { remoteTo } from '../support/remote-to.js';
import { requireTool } from '../support/tools.js';

const everything = { 'team/*': ['push', 'delete'] } as const;

describeRegistry('Berth, by its tokens,', async () => {
  const berth = await startBerth();
  return remoteTo([berth], { credentials: await addUser(berth, 'mirror', everything) });
});

const abilities = { deletesTags: false, knowsReferrers: false };
const realmOf = (berth: Berth): TokenRealm => ({
  realm: `${berth.url}/token`,
  service: 'berth',
  issuer: 'berth',
  rootcertbundle: join(berth.dataDir, 'keys', 'ca.pem'),
});

requireTool('docker-registry')('docker-registry 2.8', () => {
  describeRegistry('open to everybody, it', async () => remoteTo([await startDockerRegistry()]), abilities);

  describeRegistry(
    'behind a password, it',
    async () => {
      const credentials = { username: 'mirror', password: 'a: strange "password"' };
      return remoteTo([await startDockerRegistry(credentials)], { credentials });
    },
    abilities,
  );

  describeRegistry(
    'behind the tokens of Berth, it',
    async () => {
      const berth = await startBerth();
      const registry = await startDockerRegistry(realmOf(berth));
      const credentials = await addUser(berth, 'mirror', everything);
      return remoteTo([registry, berth], { credentials, realms: [berth.url] });
    },
    abilities,
  );
});
