import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { addUser, grant } from '../support/people.js';
import { addAccessToken, addRobot } from '../support/programs.js';
import { allRoutes } from './matrix/routes.js';

/** Robots with rights elsewhere: what whoever manages the namespace, and not those rights, may do to the robot. */
interface Use {
  readonly body?: object;
  /** Without and with rights elsewhere. */
  readonly expected: readonly [within: number, elsewhere: number];
}

const robots = '/api/v1/robots';
/** Every route there is, in every way that makes a difference. */
const uses: Readonly<Record<string, readonly Use[]>> = {
  [`GET ${robots}/{name}`]: [{ expected: [200, 200] }],
  [`PATCH ${robots}/{name}`]: [
    { body: { description: 'builds' }, expected: [200, 200] },
    { body: { expiresAt: '2099-01-01T00:00:00Z' }, expected: [200, 403] },
    { body: { expiresAt: null, description: 'no end' }, expected: [200, 200] },
    { body: { enabled: true }, expected: [200, 200] },
    { body: { enabled: false }, expected: [200, 200] },
    { body: { enabled: true }, expected: [200, 403] },
  ],
  [`POST ${robots}/{name}/secrets`]: [{ body: {}, expected: [201, 403] }],
  [`DELETE ${robots}/{name}/secrets/{id}`]: [{ expected: [204, 204] }],
  [`DELETE ${robots}/{name}`]: [{ expected: [204, 204] }],
};

let berth: Berth;
/** The manager in each way of asking, and a robot that manages the namespace. */
let callers: readonly (readonly [name: string, authorization: string])[];

beforeAll(async () => {
  berth = await startBerth();
  const manager = await addUser(berth, 'manager', { 'team/*': ['manage'] });
  const token = await addAccessToken(berth, manager);
  const robot = await addRobot(berth, 'keeper', { 'team/*': ['manage'] });
  callers = [
    ['session', `Bearer ${await berth.signIn(manager.username, manager.password)}`],
    ['access token', `Bearer ${token.password}`],
    ['access token by Basic', basic(token.username, token.password)],
    ['robot', basic(robot.username, robot.password)],
  ];
});
afterAll(() => berth.stop());

test('every route about a robot is here', async () => {
  const served = (await allRoutes())
    .filter(({ path }) => path.startsWith(`${robots}/{name}`))
    .map(({ method, path }) => `${method} ${path}`);
  expect(served.filter((name) => !name.startsWith('HEAD ')).sort()).toEqual(Object.keys(uses).sort());
});

test.each([
  ['with rights below the namespace', 'team/app', 0],
  ['with rights elsewhere', 'secret/*', 1],
  ['with rights on more than the namespace', '*', 1],
] as const)('a robot %s', async (_name, pattern, column) => {
  for (const [caller, authorization] of callers) {
    const name = `r${Math.random().toString(36).slice(2)}`;
    const { body: made } = await berth.api('POST', robots, { namespace: 'team', name });
    await grant(berth, made.name, pattern, ['push'], 'robot');
    for (const [route, ways] of Object.entries(uses)) {
      const [method = '', path = ''] = route.split(' ');
      for (const { body, expected } of ways) {
        const url = path.replace('{name}', encodeURIComponent(made.name)).replace('{id}', String(made.secrets[0].id));
        const { status } = await send(berth.url, url, {
          method,
          headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
          body: body && Buffer.from(JSON.stringify(body)),
        });
        expect([caller, route, body, status]).toEqual([caller, route, body, expected[column]]);
      }
    }
  }
});
