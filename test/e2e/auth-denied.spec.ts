import { type Berth, startBerth } from '../support/berth.js';
import { type Answer, basic, send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';

let berth: Berth;
let reader: Credentials;
let stranger: Credentials;
const image = buildImage({ seed: 'denied', layers: [1_000] });

beforeAll(async () => {
  berth = await startBerth();
  await (await RegistryClient.open(berth.url, berth.admin)).push('team/app', 'v1', image);
  await (await RegistryClient.open(berth.url, berth.admin)).push('open/app', 'v1', image);
  await berth.api('PATCH', '/api/v1/repositories/open%2Fapp', { visibility: 'public' });
  reader = await addUser(berth, 'reader', { 'team/app': ['pull'] });
  stranger = await addUser(berth, 'stranger');
});

afterAll(() => berth.stop());

/** A request as the client would send it after the realm gave it what it may have. */
async function ask(method: string, name: string, path: string, who: Credentials | undefined): Promise<Answer> {
  const scope = `repository:${name}:pull,push,delete`;
  const query = new URLSearchParams({ service: 'berth', scope });
  const headers = who ? { authorization: basic(who.username, who.password) } : {};
  const answer = await send(berth.url, `/token?${query}`, { headers });
  const { token } = JSON.parse(answer.body.toString());
  return await send(berth.url, `/v2/${name}/${path}`, { method, headers: { authorization: `Bearer ${token}` } });
}

const error = ({ body }: Answer) => JSON.parse(body.toString()).errors[0];

const writes = [
  ['POST', 'blobs/uploads/', 'push'],
  ['PUT', 'manifests/v2', 'push'],
  ['DELETE', 'manifests/v1', 'delete'],
  ['DELETE', `blobs/${image.manifest.digest}`, 'delete'],
] as const;

describe.each(writes)('%s %s', (method, path, right) => {
  test('tells a reader which right is missing', async () => {
    const byToken = await ask(method, 'team/app', path, reader);
    const message = `${right} on team/app is not granted to you`;
    const detail = { repository: 'team/app', missing: [right] };
    expect([byToken.status, error(byToken)]).toEqual([401, { code: 'UNAUTHORIZED', message, detail }]);
    expect(byToken.headers['www-authenticate']).toContain(`error="insufficient_scope",error_description="${message}"`);
    const byPassword = await send(berth.url, `/v2/team/app/${path}`, {
      method,
      headers: { authorization: basic(reader.username, reader.password) },
    });
    expect([byPassword.status, error(byPassword)]).toEqual([403, { code: 'DENIED', message, detail }]);
  });

  test('tells everybody the same of a public repository', async () => {
    for (const who of [stranger, undefined]) {
      expect(error(await ask(method, 'open/app', path, who)).message).toBe(
        `${right} on open/app is not granted to you`,
      );
    }
  });

  test('tells a stranger nothing, whether it exists or not', async () => {
    for (const who of [stranger, undefined]) {
      const [existing, missing] = [await ask(method, 'team/app', path, who), await ask(method, 'team/nix', path, who)];
      expect(existing.status).toBe(missing.status);
      expect(masked(existing)).toEqual(masked(missing));
      expect(error(existing)).not.toHaveProperty('detail');
      expect(existing.headers['www-authenticate']).not.toContain('error_description');
    }
  });
});

test('a token that asked for less is told so, and not that the right is missing', async () => {
  const pusher = await addUser(berth, 'pusher', { 'team/app': ['push'] });
  const token = await berth.token(pusher.username, pusher.password, 'repository:team/app:pull');
  const answer = await send(berth.url, '/v2/team/app/blobs/uploads/', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect([answer.status, error(answer).message]).toEqual([401, 'the token does not cover this access']);
});

/** Everything a client sees of an answer but the name it asked for, the time and the number of the request. */
function masked({ headers, body }: Answer): unknown {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  return JSON.parse(JSON.stringify({ rest, body: body.toString() }).replaceAll(/team\/(app|nix)/g, 'team/…'));
}
