import { type Berth, startBerth } from '../../support/berth.js';
import { addEveryCredential, type EveryCredential, signsInByEveryCredential } from '../credentials.js';
import { LayoutClient } from './layout-client.js';
import { requireGoProgram } from './programs.js';

let berth: Berth;
let who: EveryCredential;

beforeAll(async () => {
  berth = await startBerth();
  who = await addEveryCredential(berth);
}, 60_000);

afterAll(() => berth?.stop());

for (const program of ['crane', 'regctl', 'oras'] as const) {
  const block = await requireGoProgram(program);
  block(program, () => {
    signsInByEveryCredential(
      () => LayoutClient.start(program, berth.host),
      () => who,
    );
  });
}
