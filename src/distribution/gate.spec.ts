import { type Action, actions } from '../access/action.js';
import { anonymous, type Principal } from '../access/principal.js';
import type { Identity } from '../auth/identity.js';
import { parseRepositoryName } from '../oci/repository-name.js';
import type { UploadSession } from '../registry/open-uploads.js';
import { Gate, neededScopes } from './gate.js';
import type { DataPlaneRoute } from './route.js';
import { dataPlaneRoutes } from './routes.js';

const app = parseRepositoryName('team/app');
const session = 'c0ffee00-0000-4000-8000-000000000000';
const user: Principal = { kind: 'user', id: 7, name: 'ann', role: 'user' };
const live: UploadSession = {
  id: session,
  repository: app,
  subject: 'user:7',
  algorithm: 'sha256',
  createdAt: new Date(),
  atWork: 0,
  touchedAt: Date.now(),
  kept: undefined,
  place: 1,
  bytes: 0,
};

/** A gate before which everybody has `permitted` in team/app, and user 7 one live upload. */
const gateFor = (permitted: readonly Action[]) =>
  new Gate(
    { allowedActions: (_who, name) => new Set(name === app ? permitted : []) },
    {
      find: (id, repository, subject) =>
        id === session && repository === app && subject === live.subject ? live : undefined,
    },
  );

const identity = (change: Partial<Identity>): Identity => ({
  principal: user,
  via: 'token',
  access: [],
  expired: false,
  subject: 'user:7',
  ...change,
});
const token = (granted: readonly string[], change: Partial<Identity> = {}) =>
  identity({ access: [{ type: 'repository', name: app, actions: granted }], ...change });

const callOf = (route: DataPlaneRoute, search = '') => ({
  route,
  repository: route.path.includes('<name>') ? app : undefined,
  target: session,
  search,
});

async function verdict(gate: Gate, who: Identity, route: DataPlaneRoute): Promise<string> {
  try {
    await gate.check(who, callOf(route));
    return 'allowed';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const routesIn = dataPlaneRoutes.filter((route) => route.actions.length > 0);
const named = dataPlaneRoutes.map((route) => [`${route.method} ${route.path}`, route] as const);

test.each(named)('%s: nobody without a credential', async (_, route) => {
  const nobody = identity({ via: 'anonymous', principal: anonymous, subject: 'anonymous' });
  expect(await verdict(gateFor(actions), nobody, route)).toBe('UNAUTHORIZED');
});

test.each(named)('%s: with a token that expired only where a push goes on', async (_, route) => {
  const gate = gateFor(actions);
  const goesOn = ['PATCH', 'PUT'].includes(route.method) && route.path.endsWith('/<session>');
  const late = token(actions, { expired: true });
  expect(await verdict(gate, late, route)).toBe(goesOn ? 'allowed' : 'TOKEN_INVALID');
  expect(await verdict(gate, { ...late, subject: 'user:8' }, route)).toBe('TOKEN_INVALID');
});

describe.each(routesIn.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
  const needed: readonly Action[] = route.actions;
  const missing = actions.filter((action) => !needed.includes(action));

  test('takes exactly its actions, of the token and of the live permission', async () => {
    expect(await verdict(gateFor(needed), token(needed), route)).toBe('allowed');
    for (const action of needed.filter((one) => one !== 'pull')) {
      const less = needed.filter((one) => one !== action);
      expect(await verdict(gateFor(needed), token(less), route)).toBe('INSUFFICIENT_SCOPE');
      expect(await verdict(gateFor(less), token(needed), route)).toBe('INSUFFICIENT_SCOPE');
    }
    expect(await verdict(gateFor([]), token(actions), route)).toBe('INSUFFICIENT_SCOPE');
    expect(await verdict(gateFor(actions), token([]), route)).toBe('INSUFFICIENT_SCOPE');
    expect(await verdict(gateFor(actions), identity({}), route)).toBe('INSUFFICIENT_SCOPE');
  });

  test('refuses a password for good', async () => {
    expect(await verdict(gateFor(needed), identity({ via: 'basic' }), route)).toBe('allowed');
    expect(await verdict(gateFor(missing), identity({ via: 'basic' }), route)).toBe('DENIED');
  });

  test('does not take a token for another repository, or a star', async () => {
    const elsewhere = identity({ access: [{ type: 'repository', name: 'team/app2', actions }] });
    expect(await verdict(gateFor(actions), elsewhere, route)).toBe('INSUFFICIENT_SCOPE');
    expect(await verdict(gateFor(actions), token(['*']), route)).toBe('INSUFFICIENT_SCOPE');
  });
});

test('the source of a mount takes permission and token', async () => {
  expect(await gateFor(['pull']).mayPull(token(['pull']), app)).toBe(true);
  expect(await gateFor(['pull']).mayPull(identity({ via: 'basic' }), app)).toBe(true);
  expect(await gateFor([]).mayPull(token(['pull']), app)).toBe(false);
  expect(await gateFor(['pull']).mayPull(identity({}), app)).toBe(true);
  const gate = gateFor(['pull']);
  expect(() => gate.requirePullScope(token(['pull']), app)).not.toThrow();
  expect(() => gate.requirePullScope(identity({}), app)).toThrow(
    expect.objectContaining({
      code: 'INSUFFICIENT_SCOPE',
      source: { type: 'repository', name: app, actions: ['pull'] },
    }),
  );
});

test('a challenge for a mount names its source, once', () => {
  const start = dataPlaneRoutes.find(({ method }) => method === 'POST') as DataPlaneRoute;
  const names = (search: string) => neededScopes(callOf(start, search)).map(({ name }) => name);
  expect(names('mount=x&from=team/base')).toEqual(['team/app', 'team/base']);
  expect(names('mount=x&from=team/app')).toEqual(['team/app']);
  expect(names('mount=x&from=..%2Fx')).toEqual(['team/app']);
});
