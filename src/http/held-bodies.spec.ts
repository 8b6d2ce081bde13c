import type { Failure } from '../errors/failure.js';
import { HeldBodies } from './held-bodies.js';

const MiB = 1024 * 1024;

/** Bodies by holder, and which were refused. */
function given() {
  const held = new HeldBodies({ registry: { maxManifestBytes: 4 * MiB } });
  const refused: string[] = [];
  const open = (holder: string, name: string) =>
    held.open(holder, (failure: Failure) => refused.push(`${name} ${failure.code}`));
  return { open, refused };
}

test('whoever holds most loses the body begun first, and nobody else one', () => {
  const { open, refused } = given();
  open('ann', 'hers').add(2 * MiB);
  for (let at = 0; at < 6; at++) open('eve', `eve ${at}`).add(4 * MiB);
  expect(refused).toEqual(['eve 0 TOO_MANY_REQUESTS']);
  open('ann', 'hers too').add(4 * MiB);
  expect(refused).toEqual(['eve 0 TOO_MANY_REQUESTS', 'eve 1 TOO_MANY_REQUESTS']);
});

test('what was read is not refused any more, and counts until it is closed', () => {
  const { open, refused } = given();
  const whole = Array.from({ length: 6 }, (_, at) => open('eve', `eve ${at}`));
  for (const room of whole) {
    room.add(4 * MiB);
    room.isRead();
  }
  open('ann', 'hers').add(MiB);
  expect(refused).toEqual(['hers TOO_MANY_REQUESTS']);
  whole[0]?.close();
  open('ann', 'again').add(MiB);
  expect(refused).toEqual(['hers TOO_MANY_REQUESTS']);
});

test('pieces of a body that was refused or closed take no room any more', () => {
  const { open, refused } = given();
  const closed = open('eve', 'closed');
  closed.close();
  closed.add(25 * MiB);
  const eves = open('eve', 'eve');
  eves.add(25 * MiB);
  eves.add(25 * MiB);
  eves.close();
  open('ann', 'hers').add(1);
  expect(refused).toEqual(['eve TOO_MANY_REQUESTS']);
});
