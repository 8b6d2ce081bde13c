import type { JsonAnswer } from '../../support/berth.js';
import { basic, send } from '../../support/http.js';
import { repositoryOf } from './objects.js';
import type { Cell, Ingredients, Kitchen, Recipe } from './request.js';

/** The REST API. */
export const apiRecipes: Readonly<Record<string, Recipe>> = {
  'POST /api/v1/auth/login': async (cell, kitchen) => ({
    json: { username: kitchen.objects.username, password: kitchen.objects.password },
    ...(await again(cell, kitchen)),
  }),
  'POST /api/v1/auth/logout': again,
  'PUT /api/v1/auth/password': async (cell, kitchen) => {
    const asked = await another(cell, kitchen);
    const currentPassword = (asked.as ?? cell.caller).credentials?.password ?? '';
    return { ...asked, json: { currentPassword, newPassword: 'Another-5c2e-password' } };
  },
  'DELETE /api/v1/auth/sessions': another,
  'DELETE /api/v1/auth/sessions/{id}': async (cell, kitchen) => {
    if (!cell.allowed) return {};
    const { as: caller = cell.caller } = await again(cell, kitchen);
    const { items } = await byCaller(caller, kitchen, 'GET', '/auth/sessions');
    return { params: { id: items.find(({ current }: { current: boolean }) => current).id } };
  },

  'POST /api/v1/users': (_cell, { objects }) => ({ json: { username: objects.fresh('u'), role: 'user' } }),
  'PATCH /api/v1/users/{username}': async (cell, kitchen) => ({
    ...(await newUser(cell, kitchen)),
    json: { fullName: 'Ann' },
  }),
  'DELETE /api/v1/users/{username}': newUser,
  'POST /api/v1/users/{username}/password-reset': async (cell, kitchen) => ({
    ...(await newUser(cell, kitchen)),
    json: { password: 'Another-5c2e-password' },
  }),

  'POST /api/v1/groups': (_cell, { objects }) => ({ json: { name: objects.fresh('g') } }),
  'PATCH /api/v1/groups/{name}': async (cell, kitchen) => ({
    ...(await newGroup(cell, kitchen)),
    json: { description: 'those of the night' },
  }),
  'DELETE /api/v1/groups/{name}': newGroup,
  'PUT /api/v1/groups/{name}/members/{username}': newGroup,
  'DELETE /api/v1/groups/{name}/members/{username}': async (cell, kitchen) => {
    const asked = await newGroup(cell, kitchen);
    const { objects } = kitchen;
    if (cell.allowed) await objects.api('PUT', `/groups/${asked.params?.name}/members/${objects.username}`);
    return asked;
  },

  'POST /api/v1/tokens': (_cell, { objects }) => ({ json: { name: objects.fresh('laptop') } }),
  'GET /api/v1/tokens/{id}': ownAccessToken,
  'POST /api/v1/tokens/{id}/rotate': ownAccessToken,
  'DELETE /api/v1/tokens/{id}': ownAccessToken,

  'GET /api/v1/uploads/{id}': ownUpload,
  'DELETE /api/v1/uploads/{id}': ownUpload,

  'POST /api/v1/jobs': () => ({ json: { kind: 'uploads.sweep' } }),

  'GET /api/v1/robots': () => ({ query: { namespace: 'private' } }),
  'POST /api/v1/robots': (_cell, { objects }) => ({ json: { namespace: 'private', name: objects.fresh('bot') } }),
  'PATCH /api/v1/robots/{name}': async (cell, kitchen) => ({
    ...(await newRobot(cell, kitchen)),
    json: { description: 'builds' },
  }),
  'DELETE /api/v1/robots/{name}': newRobot,
  'POST /api/v1/robots/{name}/secrets': newRobot,
  'DELETE /api/v1/robots/{name}/secrets/{id}': newRobot,

  'GET /api/v1/permissions': () => ({ query: { repository: 'private/app' } }),
  'GET /api/v1/permissions/preview': () => ({ query: { pattern: 'private/*' } }),
  'GET /api/v1/permissions/explain': () => ({ query: { repository: 'private/app' } }),
  'POST /api/v1/permissions': newGrantBody,
  'PUT /api/v1/permissions': newGrantBody,
  'PATCH /api/v1/permissions/{id}': async (cell, kitchen) => ({
    ...(await newGrant(cell, kitchen)),
    json: { actions: ['push'] },
  }),
  'DELETE /api/v1/permissions/{id}': newGrant,

  'POST /api/v1/repositories': (_cell, { objects }) => ({
    json: { name: objects.fresh('private/n'), visibility: 'private' },
  }),
  'PATCH /api/v1/repositories/{name}': async (cell, kitchen) => ({
    ...(await newRepository(cell, kitchen)),
    json: { description: 'of the night' },
  }),
  'DELETE /api/v1/repositories/{name}': newRepository,
  'PUT /api/v1/repositories/{name}/tags/{tag}': (_cell, { objects }) => ({
    params: { tag: objects.fresh('t') },
    json: { digest: objects.image.manifest.digest },
  }),
  'DELETE /api/v1/repositories/{name}/tags/{tag}': newImage,
  'POST /api/v1/repositories/{name}/tags:delete': async (cell, kitchen) => {
    const { params } = await newImage(cell, kitchen);
    return { json: { names: [params?.tag ?? kitchen.objects.tag] } };
  },
  'DELETE /api/v1/repositories/{name}/manifests/{digest}': newImage,
};

/** Another session, because the request ends the one it comes with. */
export async function again({ allowed, caller }: Cell, { callers }: Kitchen): Promise<Ingredients> {
  return allowed ? { as: await callers.again(caller) } : {};
}

/** Another account, because the request ends what the account has. */
export async function another({ allowed, caller }: Cell, { callers, objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { as: await callers.another(caller, objects.fresh('w')) } : {};
}

export async function newUser({ allowed }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { params: { username: await objects.newUser() } } : {};
}

export async function newRepository({ allowed, where }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { params: { name: await objects.newRepository(where) } } : {};
}

export async function newGrant({ allowed }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { params: { id: (await objects.newGrant()).id } } : {};
}

export async function newImage({ allowed, where }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { params: { ...(await objects.newImage(repositoryOf(where))) } } : {};
}

async function newGroup({ allowed }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  return allowed ? { params: { name: await objects.newGroup() } } : {};
}

async function newRobot({ allowed }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  if (!allowed) return {};
  const { name, secret } = await objects.newRobot();
  return { params: { name, id: secret } };
}

function newGrantBody(_cell: Cell, { objects }: Kitchen): Ingredients {
  const subject = { type: 'user', name: objects.username };
  return { json: { subject, pattern: objects.fresh('private/p'), actions: ['pull'] } };
}

/** People have access tokens of their own; everybody else is shown that of the administrator. */
async function ownAccessToken({ allowed, caller }: Cell, kitchen: Kitchen): Promise<Ingredients> {
  if (!allowed) return {};
  const name = kitchen.objects.fresh('own');
  return { params: { id: (await byCaller(caller, kitchen, 'POST', '/tokens', { name })).id } };
}

/** Whoever may push has an upload; everybody else is shown that of the administrator. */
async function ownUpload({ allowed, caller, where }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  if (!allowed || caller.credentials === undefined) return {};
  const { username, password } = caller.credentials;
  return { params: { id: await objects.newUpload(repositoryOf(where), basic(username, password)) } };
}

async function byCaller(
  caller: Cell['caller'],
  { objects }: Kitchen,
  method: string,
  path: string,
  body?: unknown,
): Promise<JsonAnswer['body']> {
  const headers = { ...(await caller.headers('')), ...(body !== undefined && { 'content-type': 'application/json' }) };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await send(objects.berth.url, `/api/v1${path}`, { method, headers, body: text });
  if (answer.status >= 300) throw new Error(`${caller.kind}: ${method} ${path} answered ${answer.status}`);
  return JSON.parse(answer.body.toString());
}
