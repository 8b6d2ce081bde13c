import { outcomeOf } from '../../../test/support/outcome.js';
import { type TemporaryAccounts, temporaryAccounts } from '../../../test/support/temporary-accounts.js';
import { refreshIdleMs } from '../../users/tokens/refresh-tokens.js';
import { asUser, byPassword } from '../authenticated.js';
import { OfflineAccess } from './offline-access.js';

const docker = { service: 'berth', clientId: 'docker' };

let world: TemporaryAccounts;
let offline: OfflineAccess;
let secret: string;

beforeEach(async () => {
  world = await temporaryAccounts();
  offline = new OfflineAccess(world.refreshTokens);
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

test('a use postpones the end of a refresh token', async () => {
  expect(await outcomeOf(offline.continue(secret, docker))).toBe('done');
  expect(await end()).toEqual(world.at(refreshIdleMs));
});

test.each<[string, () => Promise<unknown>]>([
  ['another client', () => offline.continue(secret, { ...docker, clientId: 'other' })],
  ['no client', () => offline.continue(secret, { ...docker, clientId: '' })],
  ['another service', () => offline.continue(secret, { ...docker, service: 'other' })],
])('%s is refused, which postpones nothing', async (_who, ask) => {
  expect(await outcomeOf(ask())).toBe('UNAUTHORIZED');
  expect(await end()).toEqual(world.at(refreshIdleMs / 2));
});
