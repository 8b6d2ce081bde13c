import { repositoryOf } from './objects.js';
import { again, another, newGrant, newImage, newRepository, newUser } from './recipes-api.js';
import type { Cell, Ingredients, Kitchen, Recipe } from './request.js';

/** The pages of the console: forms, as a browser without script sends them. */
export const pageRecipes: Readonly<Record<string, Recipe>> = {
  'GET /assets/{file}': async (_cell, { objects }) => ({ params: { file: await objects.asset() } }),
  'POST /preferences': () => ({ form: { theme: 'dark' } }),
  'POST /sign-in': async (cell, kitchen) => ({
    form: { username: kitchen.objects.username, password: kitchen.objects.password },
    ...(await again(cell, kitchen)),
  }),
  'POST /sign-out': async (cell, kitchen) => ({ form: {}, ...(await again(cell, kitchen)) }),
  'POST /password': async (cell, kitchen) => {
    const asked = await another(cell, kitchen);
    const current = (asked.as ?? cell.caller).credentials?.password ?? '';
    return { ...asked, form: { current, new: 'Another-5c2e-password' } };
  },
  'POST /account/sessions/end': async (cell, kitchen) => ({ form: {}, ...(await another(cell, kitchen)) }),

  'POST /repositories/new': (_cell, { objects }) => ({
    form: { name: objects.fresh('private/n'), description: '', visibility: 'private' },
  }),
  'POST /r/{name}/-/settings': async (cell, kitchen) => ({
    ...(await newRepository(cell, kitchen)),
    form: { description: 'of the night', visibility: cell.where },
  }),
  'POST /r/{name}/-/remove': async (cell, kitchen) => {
    const asked = await newRepository(cell, kitchen);
    return { ...asked, form: { confirm: String(asked.params?.name ?? repositoryOf(cell.where)) } };
  },
  'POST /r/{name}/-/permissions': (_cell, { objects }) => ({ form: { username: objects.username, action: 'pull' } }),
  'POST /r/{name}/-/t/{tag}/delete': (cell, kitchen) => deletion(cell, kitchen, 'tag'),
  'POST /r/{name}/-/m/{digest}/delete': (cell, kitchen) => deletion(cell, kitchen, 'image'),

  'POST /permissions': (_cell, { objects }) => ({
    form: { username: objects.username, pattern: objects.fresh('private/p'), action: 'pull' },
  }),
  'POST /permissions/{id}/remove': async (cell, kitchen) => ({ form: {}, ...(await newGrant(cell, kitchen)) }),

  'POST /users/new': (_cell, { objects }) => ({ form: { username: objects.fresh('u'), role: 'user' } }),
  'POST /users/{username}': async (cell, kitchen) => ({
    form: { fullName: 'Ann', role: 'user' },
    ...(await newUser(cell, kitchen)),
  }),
  'POST /users/{username}/enable': async (cell, kitchen) => ({ form: {}, ...(await newUser(cell, kitchen)) }),
  'POST /users/{username}/disable': async (cell, kitchen) => ({ form: {}, ...(await newUser(cell, kitchen)) }),
  'POST /users/{username}/reset-password': async (cell, kitchen) => ({ form: {}, ...(await newUser(cell, kitchen)) }),
  'POST /users/{username}/delete': async (cell, kitchen) => {
    const asked = await newUser(cell, kitchen);
    return { ...asked, form: { confirm: String(asked.params?.username ?? kitchen.objects.username) } };
  },
};

/** What the page before has shown: the digest is confirmed. */
async function deletion(cell: Cell, kitchen: Kitchen, what: 'tag' | 'image'): Promise<Ingredients> {
  const asked = await newImage(cell, kitchen);
  const digest = String(asked.params?.digest ?? kitchen.objects.image.manifest.digest);
  return { ...asked, form: { what, digest } };
}
