import { type Berth, startBerth } from '../support/berth.js';
import { basic, send } from '../support/http.js';
import { buildImage } from '../support/images.js';
import { addUser } from '../support/people.js';
import type { Credentials } from '../support/registry-client.js';
import { RegistryClient } from '../support/registry-client.js';

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();
const image = buildImage({ seed: 'warnings', layers: [100] });

describe('a credential that ends soon', () => {
  let berth: Berth;
  let ann: Credentials;
  let session: string;
  beforeAll(async () => {
    berth = await startBerth();
    ann = await addUser(berth, 'ann', { 'team/*': ['push', 'delete'] });
    session = await berth.signIn(ann.username, ann.password);
    await (await RegistryClient.open(berth.url, ann)).push('team/app', 'v1', image);
  });
  afterAll(() => berth.stop());

  const tokenUntil = async (expiresAt: string | null): Promise<Credentials> => {
    const body = { name: `until ${expiresAt}`, expiresAt };
    const { secret } = (await berth.api('POST', '/api/v1/tokens', body, session)).body;
    return { username: ann.username, password: secret };
  };
  const robotUntil = async (expiresAt: string | null, name: string): Promise<Credentials> => {
    const made = await berth.api('POST', '/api/v1/robots', { namespace: 'team', name, expiresAt });
    const subject = { type: 'robot', name: made.body.name };
    await berth.api('POST', '/api/v1/permissions', { subject, pattern: 'team/*', actions: ['push'] });
    return { username: made.body.name, password: made.body.secret };
  };

  /** What every kind of answer says: of a manifest by password and by token, what is missing, and what is refused. */
  const warnings = async (who: Credentials) => {
    const byPassword = { authorization: basic(who.username, who.password) };
    const token = await berth.token(who.username, who.password, 'repository:team/app:pull,push');
    const byToken = { authorization: `Bearer ${token}` };
    const answers = [
      await send(berth.url, '/v2/', { headers: byPassword }),
      await send(berth.url, '/v2/team/app/manifests/v1', { headers: byPassword }),
      await send(berth.url, '/v2/team/app/manifests/v1', { headers: byToken }),
      await send(berth.url, '/v2/team/app/manifests/v1', { method: 'HEAD', headers: byToken }),
      await send(berth.url, `/v2/team/app/blobs/${image.config.digest}`, { headers: byToken }),
      await send(berth.url, '/v2/team/app/blobs/uploads/', { method: 'POST', headers: byToken }),
      await send(berth.url, '/v2/team/app/manifests/none', { headers: byToken }),
      await send(berth.url, '/v2/team/app/manifests/v1', { method: 'DELETE', headers: byToken }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 202, 404, 401]);
    return [...new Set(answers.map(({ headers }) => headers.warning))];
  };

  test('is told of in every answer, as the specification writes it', async () => {
    for (const [who, end] of [
      [await tokenUntil(inDays(3)), 3],
      [await robotUntil(inDays(6), 'soon'), 6],
    ] as const) {
      const said = await warnings(who);
      // spec.md:908 warn-code 299, warn-agent -, no warn-date.
      expect(said).toEqual([expect.stringMatching(/^299 - "The token or secret you sign in with ends at [^"]+"$/)]);
      const time = /ends at (\S+)\./.exec(String(said[0]))?.[1];
      expect(new Date(String(time)).toISOString().slice(0, 16)).toBe(inDays(end).slice(0, 16));
    }
  });

  test('is silent while there is time, and for what does not end', async () => {
    const patient = [await tokenUntil(inDays(8)), await tokenUntil(null), await robotUntil(inDays(30), 'later'), ann];
    // The account may not delete with its own token either: the scope does not say so.
    for (const who of patient) expect(await warnings(who)).toEqual([undefined]);
  });
});
