import type { Berth } from './berth.js';
import { type Answer, send } from './http.js';

/** Signs the administrator in to the console, as a browser does; gives what fetches a page. */
export async function openConsole({ url, admin }: Berth): Promise<(path: string) => Promise<Answer>> {
  const headers = { origin: url, 'content-type': 'application/x-www-form-urlencoded' };
  const body = `${new URLSearchParams({ username: admin.username, password: admin.password })}`;
  const signedIn = await send(url, '/sign-in', { method: 'POST', headers, body });
  const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return (path) => send(url, path, { headers: { cookie } });
}
