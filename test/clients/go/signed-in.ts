import { allOf } from '../../support/all-of.js';
import { type Berth, startBerth } from '../../support/berth.js';
import { addUser } from '../../support/people.js';
import { type RecordingProxy, startRecordingProxy } from '../../support/recording-proxy.js';
import { type Credentials, RegistryClient } from '../../support/registry-client.js';
import { succeed } from '../client.js';
import { LayoutClient } from './layout-client.js';

/** A program that is signed in to a Berth of its own as somebody who may push below `team/`. */
export interface SignedIn {
  readonly berth: Berth;
  readonly proxy: RecordingProxy;
  readonly client: LayoutClient;
  readonly developer: Credentials;
  /** Our own client with the same rights, to look with. */
  readonly raw: RegistryClient;
}

/** Starts one before the tests of the surrounding block and ends it behind them; it answers once they run. */
export function signedIn(program: Parameters<typeof LayoutClient.start>[0]): () => SignedIn {
  let all: SignedIn;
  beforeAll(async () => {
    const berth = await startBerth();
    const proxy = await startRecordingProxy(berth.url);
    const developer = await addUser(berth, 'developer', { 'team/*': ['push', 'delete'] });
    const client = await LayoutClient.start(program, proxy.host);
    all = { berth, proxy, client, developer, raw: await RegistryClient.open(berth.url, developer) };
    succeed(await client.login(developer.username, developer.password));
  }, 60_000);
  afterAll(() => allOf(all?.client.close(), all?.proxy.stop(), all?.berth.stop()), 60_000);
  return () => all;
}
