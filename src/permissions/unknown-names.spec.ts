import type { Principal } from '../access/principal.js';
import { clock } from '../async/clock.js';
import { UnknownNames } from './unknown-names.js';

const ada: Principal = { kind: 'user', id: 2, name: 'ada', role: 'user' };
const robot = (name: string): Principal => ({ kind: 'robot', id: name.length, name });

it('lets somebody miss twenty times an hour, and then says when to come back', () => {
  let now = 0;
  clock.steady = () => now;
  const names = new UnknownNames();
  for (let n = 0; n < 20; n++) {
    names.check(ada);
    names.missed(ada);
    now += 1000;
  }
  expect(() => names.check(ada)).toThrow(
    expect.objectContaining({ code: 'TOO_MANY_REQUESTS', headers: { 'Retry-After': '3580' } }),
  );
  names.check({ ...ada, id: 3 });
  now = 3_600_000;
  names.check(ada);
});

it('takes the robots of one namespace and those below it for one', () => {
  const names = new UnknownNames();
  for (let n = 0; n < 20; n++) names.missed(robot(n % 2 === 0 ? 'team+ci' : `team/sub+ci${n}`));
  expect(() => names.check(robot('team/other+ci'))).toThrow();
  names.check(robot('teams+ci'));
});
