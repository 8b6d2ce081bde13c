import { repositoryOf } from './objects.js';
import type { Cell, Ingredients, Kitchen, Recipe } from './request.js';

/** The data plane and the realm. */
export const registryRecipes: Readonly<Record<string, Recipe>> = {
  'PUT /v2/{name}/manifests/{reference}': (_cell, { objects }) => {
    const { bytes, mediaType } = objects.newManifest();
    return { params: { reference: objects.fresh('t') }, bytes, type: mediaType };
  },
  'DELETE /v2/{name}/manifests/{reference}': async ({ allowed, where }, { objects }) =>
    allowed ? { params: { reference: (await objects.newImage(repositoryOf(where))).tag } } : {},
  'DELETE /v2/{name}/blobs/{digest}': async ({ allowed, where }, { objects }) =>
    allowed ? { params: { digest: await objects.newBlob(repositoryOf(where)) } } : {},
  'GET /v2/{name}/blobs/uploads/{session}': ownUpload,
  'HEAD /v2/{name}/blobs/uploads/{session}': ownUpload,
  'DELETE /v2/{name}/blobs/uploads/{session}': ownUpload,
  'PATCH /v2/{name}/blobs/uploads/{session}': async (cell, kitchen) => {
    return { ...(await ownUpload(cell, kitchen)), bytes: kitchen.objects.newContent().bytes };
  },
  'PUT /v2/{name}/blobs/uploads/{session}': async (cell, kitchen) => {
    const { bytes, digest } = kitchen.objects.newContent();
    return { ...(await ownUpload(cell, kitchen)), bytes, query: { digest } };
  },
  'GET /token': askForToken,
  'HEAD /token': askForToken,
  'POST /token': ({ caller: { credentials } }) => ({
    form: { grant_type: 'password', service: 'berth', ...credentials },
  }),
};

/** Upload sessions belong to whoever opened them; everybody else is shown that of the administrator. */
async function ownUpload({ allowed, caller, where }: Cell, { objects }: Kitchen): Promise<Ingredients> {
  if (!allowed) return {};
  const repository = repositoryOf(where);
  const { authorization = '' } = await caller.headers(repository);
  return { params: { session: await objects.newUpload(repository, authorization) } };
}

function askForToken(): Ingredients {
  return { query: { service: 'berth', scope: 'repository:private/app:pull' } };
}
