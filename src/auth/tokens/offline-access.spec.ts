import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import { refreshIdleMs } from '../../users/tokens/refresh-tokens.js';
import { asUser, byPassword } from '../authenticated.js';
import { OfflineAccess } from './offline-access.js';

const docker = { service: 'berth', clientId: 'docker' };

let world: TemporaryAccounts;
let offline: OfflineAccess;
let secret: string;
let signIns: unknown[];

const address = '192.0.2.2';

beforeEach(async () => {
  world = await temporaryAccounts();
  signIns = [];
  offline = new OfflineAccess(world.refreshTokens, {
    succeeded: ({ principal, credential }, from, client) =>
      signIns.push([principal.name, credential.kind, from, client]),
  });
  const client = { ...docker, address: '192.0.2.1', userAgent: 'docker' };
  secret = (await offline.begin(asUser(world.ada, byPassword), client)) ?? '';
  world.pass(refreshIdleMs / 2);
});
afterEach(() => world.remove());

const listed = async () => (await world.signIns.list(world.ada.id, { limit: 100 })).items;

/** When it ends if nobody uses it any more. */
async function end(): Promise<Date | undefined> {
  await world.refreshTokens.onModuleDestroy(); // what waits is written
  return (await listed())[0]?.expiresAt;
}

test.each(['docker', 'regclient', ''])(
  'a use by %j postpones the end of a refresh token, and is told',
  async (clientId) => {
    expect(await outcomeOf(offline.continue(secret, { ...docker, clientId }, address))).toBe('done');
    expect(await end()).toEqual(world.at(refreshIdleMs));
    expect(signIns).toEqual([['ada', 'refresh', address, clientId]]);
  },
);

test.each<[string, () => Promise<unknown>]>([
  ['another service', () => offline.continue(secret, { ...docker, service: 'other' }, address)],
  ['another secret', () => offline.continue('berth_ref_unknown', docker, address)],
])('%s is refused, which postpones nothing', async (_who, ask) => {
  expect(await outcomeOf(ask())).toBe('UNAUTHORIZED');
  expect(await end()).toEqual(world.at(refreshIdleMs / 2));
  expect(signIns).toEqual([]);
});
