import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';
import { addUser } from '../support/people.js';
import { openSession, type Session } from './matrix/callers.js';

let berth: Berth;
let mallory: Session;
let ann: Session;
beforeAll(async () => {
  berth = await startBerth();
  mallory = await openSession(berth, await addUser(berth, 'mallory', { 'mallory/*': ['push'] }));
  ann = await openSession(berth, await addUser(berth, 'ann'));
});
afterAll(() => berth.stop());

const word = async (cookie: string) => {
  const page = await send(berth.url, '/repositories', { headers: { cookie } });
  return /<div id="flash"[^>]*>(.*?)<\/div>\s*(?:<|$)/s.exec(page.body.toString())?.[1]?.replaceAll(/<[^>]+>/g, '');
};
/** The cookie that tells mallory of a repository she has made. */
const leftForMallory = async (name: string): Promise<string> => {
  const body = new URLSearchParams({ name, visibility: 'private', description: '', _csrf: mallory.csrf }).toString();
  const headers = { cookie: mallory.cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await send(berth.url, '/repositories/new', { method: 'POST', headers, body });
  expect(answer.status).toBe(303);
  return answer.headers['set-cookie']?.find((cookie) => cookie.startsWith('flash='))?.split(';')[0] ?? '';
};

test('a message is told to whom it was left for, and to nobody into whose browser it was planted', async () => {
  const flash = await leftForMallory('mallory/call-0800-123');
  expect(await word(`${ann.cookie}; ${flash}`)).toBe('');
  expect(await word(`${mallory.cookie}; ${flash}`)).toContain('mallory/call-0800-123 created');
});

test.each([
  { tone: 'ok', key: 'signedOut' },
  { tone: 'bad', key: 'userSaved', values: { name: 'call 0800-123', lng: 'zh-CN' } },
  { tone: 'bad', key: 'none', values: { defaultValue: 'call 0800-123' } },
])('a planted %j chooses neither a sentence nor a language', async (flash) => {
  const text = Buffer.from(JSON.stringify(flash)).toString('base64url');
  const left = Buffer.from(JSON.stringify({ flash, until: Date.now() + 60_000 })).toString('base64url');
  for (const planted of [text, left, `${left}.`, `${left}.x`]) {
    expect(await word(`${ann.cookie}; flash=${planted}`)).toBe('');
  }
});
