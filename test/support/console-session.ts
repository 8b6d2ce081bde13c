import type { Berth } from './berth.js';
import { type Answer, send } from './http.js';

export interface ConsoleForms {
  page(path: string): Promise<Answer>;
  submit(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Signs the administrator in to the console, as a browser does; gives what fetches a page. */
export async function openConsole(berth: Berth): Promise<(path: string) => Promise<Answer>> {
  const { page } = await openConsoleForms(berth);
  return (path) => page(path);
}

/** The same, with what sends a form, too. */
export async function openConsoleForms({ url, admin }: Berth): Promise<ConsoleForms> {
  const headers = { origin: url, 'content-type': 'application/x-www-form-urlencoded' };
  const body = `${new URLSearchParams({ username: admin.username, password: admin.password })}`;
  const signedIn = await send(url, '/sign-in', { method: 'POST', headers, body });
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const page = (path: string) => send(url, path, { headers: { cookie } });
  const account = (await page('/account')).body.toString();
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(account)?.[1] ?? '';
  return {
    page,
    submit: (path, fields) => {
      const form = `${new URLSearchParams({ ...fields, _csrf })}`;
      return send(url, path, { method: 'POST', headers: { ...headers, cookie }, body: form });
    },
  };
}
