import { type Berth, startBerth } from '../support/berth.js';
import { type ConsoleForms, openConsoleForms } from '../support/console-session.js';
import { addUser } from '../support/people.js';

/** What the console says of an account or a repository that is not accepted: what is wrong, and in which field. */
let berth: Berth;
let forms: ConsoleForms;
beforeAll(async () => {
  berth = await startBerth();
  forms = await openConsoleForms(berth);
  await addUser(berth, 'ann', {});
});
afterAll(() => berth.stop());

/** The status, the alert and the names of the fields marked as wrong. */
async function refused(path: string, fields: Record<string, string>) {
  const { status, body } = await forms.submit(path, fields);
  const html = body.toString();
  const marked = [...html.matchAll(/<(?:input|textarea) [^>]*aria-invalid="true"[^>]*>/g)];
  const alert = /<div class="note bad mb" role="alert">.*?<\/div>/s
    .exec(html)?.[0]
    .replace(/<[^>]*>/g, '')
    .trim();
  return { status, alert, marked: marked.map(([input]) => / name="(\w+)"/.exec(input)?.[1]) };
}

const account = { username: 'bob', fullName: 'Bob', email: 'bob@example.com', role: 'user' };
const wrong: [field: string, change: Record<string, string>, sentence: RegExp][] = [
  ['fullName', { fullName: 'Bob\u202e' }, /^That is no full name/],
  ['email', { email: 'bob@localhost' }, /^That is no e-mail address/],
];

test.each<(typeof wrong)[number]>([
  ['username', { username: 'Bob Lee' }, /^That is no username/],
  ['username', { username: 'system' }, /^That is no username.*reserved/],
  ...wrong,
])('a new account with a wrong %s', async (field, change, sentence) => {
  const answer = await refused('/users/new', { ...account, ...change });
  expect(answer).toEqual({ status: 400, alert: expect.stringMatching(sentence), marked: [field] });
});

test.each(wrong)('an account that is given a wrong %s', async (field, change, sentence) => {
  const answer = await refused('/users/ann', { ...account, ...change });
  expect(answer).toEqual({ status: 400, alert: expect.stringMatching(sentence), marked: [field] });
});

test('a name that is taken', async () => {
  const answer = await refused('/users/new', { ...account, username: 'ann' });
  expect(answer).toEqual({ status: 409, alert: 'There is a user of this name already', marked: ['username'] });
});

test('a deletion that is not confirmed', async () => {
  const answer = await refused('/users/ann/delete', { confirm: 'anna' });
  expect(answer).toEqual({ status: 400, alert: 'The name did not match, so nothing was deleted.', marked: [] });
  expect((await forms.page('/users/ann')).status).toBe(200);
});

const repository = { name: 'team/app', description: '', visibility: 'private' };

test.each([
  ['name', { name: 'Team/App' }],
  ['description', { description: 'an app\u202e' }],
])('a new repository with a wrong %s', async (field, change) => {
  const answer = await refused('/repositories/new', { ...repository, ...change });
  expect(answer).toEqual({ status: 400, alert: expect.any(String), marked: [field] });
});

test.each(['/users/new', '/users/ann', '/repositories/new'])('nothing is marked yet on %s', async (path) => {
  const { status, body } = await forms.page(path);
  expect([status, body.toString().includes('aria-invalid')]).toEqual([200, false]);
});
