import { text } from 'node:stream/consumers';
import { Failure } from '../../../src/errors/failure.js';
import { type Behaviour, sendWhole } from '../../support/faulty-registry.js';
import { outcomeOf } from '../../support/outcome.js';
import {
  app,
  client,
  credentials,
  digest,
  elsewhere,
  manifest,
  manifestType,
  read,
  sendBlob,
  signedIn,
  stub,
  v1,
  write,
} from './stage.js';

describe('signing in', () => {
  const challenges = 'Negotiate, Basic realm="a, b", Bearer realm="/token",service="the \\"service\\"",scope="x"';
  /** A realm and a registry that takes its tokens for so many requests each. */
  const withTokens = (times: number, header = challenges): Behaviour => {
    const left = new Map<string, number>();
    return (request, response) => {
      const { url = '', method, headers } = request;
      if (url.startsWith('/token')) {
        if (headers.authorization !== signedIn) return void response.writeHead(401).end();
        const token = `t${left.size + 1}`;
        left.set(`Bearer ${token}`, times);
        return sendWhole(response, JSON.stringify({ token, expires_in: 300 }));
      }
      const uses = left.get(headers.authorization ?? '') ?? 0;
      if (uses === 0) return void response.writeHead(401, { 'WWW-Authenticate': header }).end();
      left.set(headers.authorization ?? '', uses - 1);
      if (method === 'POST') response.writeHead(202, { Location: `${stub.url}/v2/team/app/blobs/uploads/1` }).end();
      else if (method === 'PUT') request.resume().once('end', () => response.writeHead(201).end());
      else sendWhole(response, manifest, manifestType);
    };
  };
  const tokensAsked = () => stub.seen.filter(({ path }) => path.startsWith('/token'));

  test('reads several challenges of one header, with a relative realm, and asks once for a token', async () => {
    stub.behave(withTokens(100));
    const registry = client({ credentials });
    await Promise.all([1, 2, 3].map(() => registry.getManifest(v1)));
    await registry.getManifest(v1);
    const [asked, ...more] = tokensAsked();
    expect(more).toEqual([]);
    const query = new URL(asked?.path ?? '', stub.url).searchParams;
    expect([query.get('service'), query.getAll('scope')]).toEqual(['the "service"', ['repository:team/app:pull']]);
  });

  test('gets another token when one ends between two requests of one upload', async () => {
    stub.behave(withTokens(1));
    await write(client({ credentials }));
    expect(tokensAsked()).toHaveLength(2);
  });

  test('does not go on for ever with tokens that are not taken', async () => {
    stub.behave(withTokens(0));
    expect(await outcomeOf(client({ credentials }).getManifest(v1))).toBe('REMOTE_DENIED');
    expect(tokensAsked()).toHaveLength(1);
  });

  test('with a wrong password, or none where one is needed, is denied', async () => {
    stub.behave(withTokens(1));
    const wrong = { username: 'mirror', password: 'wrong' };
    for (const given of [wrong, undefined])
      expect(await outcomeOf(client({ credentials: given }).getManifest(v1))).toBe('REMOTE_DENIED');
    stub.behave(withTokens(1, 'Basic realm="x"'));
    expect(await outcomeOf(client().getManifest(v1))).toBe('REMOTE_DENIED');
  });

  test('with a refresh token asks the realm by a form, and shows the registry nothing but what that gives', async () => {
    const identityToken = 'a refresh token';
    let form: URLSearchParams | undefined;
    stub.behave((request, response) => {
      if (request.headers.authorization === 'Bearer given') return sendWhole(response, manifest, manifestType);
      if (request.method !== 'POST') return void response.writeHead(401, { 'WWW-Authenticate': challenges }).end();
      text(request).then(
        (body) => {
          form = new URLSearchParams(body);
          sendWhole(response, '{"access_token":"given"}');
        },
        () => undefined,
      );
    });
    await client({ credentials: { identityToken } }).getManifest(v1);
    expect(Object.fromEntries(form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: identityToken,
      client_id: 'berth',
      service: 'the "service"',
      scope: 'repository:team/app:pull',
    });
    expect(stub.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined, 'Bearer given']);
  });

  test('names nothing secret when it fails', async () => {
    stub.behave((_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="/token"' }).end());
    const failures: unknown[] = [];
    const noting = (error: unknown) => failures.push(error);
    await client({ credentials }).getManifest(v1).catch(noting);
    const identityToken = 'the refresh token';
    await client({ credentials: { identityToken } }).getManifest(v1).catch(noting);
    const texts = failures.map((error) => {
      expect(error).toBeInstanceOf(Failure);
      const { message, cause } = error as Failure; // asserted above
      return `${message} ${JSON.stringify(cause)} ${String(cause)}`;
    });
    for (const secret of [credentials.password, signedIn.slice(6), identityToken])
      expect(texts.join()).not.toContain(secret);
  });
});

describe('addresses elsewhere', () => {
  const challengeTo =
    (realm: string): Behaviour =>
    (request, response) => {
      if (request.headers.authorization === 'Bearer given') return sendWhole(response, manifest, manifestType);
      response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}"` }).end();
    };
  const giveTokens = () => elsewhere.behave((_request, response) => sendWhole(response, '{"access_token":"given"}'));

  test('a realm at another address gets no credentials, unless it is named', async () => {
    giveTokens();
    stub.behave(challengeTo(`${elsewhere.url}/token`));
    expect(await outcomeOf(client({ credentials }).getManifest(v1))).toBe('REMOTE_ADDRESS_REFUSED');
    expect(elsewhere.seen).toEqual([]);
    await client({ credentials, realms: [elsewhere.url] }).getManifest(v1);
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([signedIn]);
    giveTokens();
    await client().getManifest(v1);
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('a blob may be sent from another address, an upload may go there, and neither takes a credential along', async () => {
    const authorized: Behaviour = (request, response) => {
      if (request.headers.authorization !== signedIn)
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
      else if (request.method === 'POST')
        response.writeHead(202, { Location: `${elsewhere.url}/up?signed=a%2Fb` }).end();
      else response.writeHead(307, { Location: `${elsewhere.url}/blob` }).end();
    };
    stub.behave(authorized);
    elsewhere.behave((request, response) => {
      if (request.method === 'PUT') request.resume().once('end', () => response.writeHead(201).end());
      else sendBlob(response);
    });
    const registry = client({ credentials });
    expect(await read(registry)).toBe('done');
    await write(registry);
    expect(elsewhere.seen).toEqual([
      { method: 'GET', path: '/blob', authorization: undefined, range: undefined },
      expect.objectContaining({
        path: `/up?signed=a%2Fb&digest=${encodeURIComponent(digest)}`,
        authorization: undefined,
      }),
    ]);
  });

  test.each(['realm', 'redirect', 'Location', 'next page'])('this machine is no address for a %s', async (what) => {
    const inner = `${elsewhere.url}/inner`;
    stub.behave((request, response) => {
      if (what === 'realm') response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${inner}"` }).end();
      else if (what === 'redirect') response.writeHead(302, { Location: inner }).end();
      else if (what === 'next page') sendWhole(response, '{"tags":["v1"]}', { Link: `<${inner}>; rel="next"` });
      else request.resume().once('end', () => response.writeHead(202, { Location: inner }).end());
    });
    const registry = client({ allowedAddresses: [stub.host] });
    const list = async () => {
      for await (const _page of registry.listTags(app));
    };
    const asked = { Location: () => write(registry), 'next page': list }[what] ?? (() => registry.getManifest(v1));
    expect(await outcomeOf(asked())).toBe(what === 'next page' ? 'REMOTE_INVALID' : 'REMOTE_ADDRESS_REFUSED');
    expect(elsewhere.seen).toEqual([]);
  });

  test('neither is it one for a registry', async () => {
    stub.behave((_request, response) => sendWhole(response, manifest, manifestType));
    for (const url of [stub.url, stub.url.replace('127.0.0.1', 'localhost')]) {
      const registry = client({ url, allowedAddresses: [] });
      expect(await outcomeOf(registry.getManifest(v1))).toBe('REMOTE_ADDRESS_REFUSED');
      expect(await outcomeOf(registry.listReferrers(app, digest))).toBe('REMOTE_ADDRESS_REFUSED');
    }
    expect(stub.seen).toEqual([]);
  });

  test('a proxy of the environment is not used', async () => {
    process.env.http_proxy = elsewhere.url;
    try {
      stub.behave((_request, response) => sendWhole(response, '{"tags":["v1"]}'));
      for await (const page of client().listTags(app)) expect(page).toEqual(['v1']);
      expect(elsewhere.seen).toEqual([]);
    } finally {
      delete process.env.http_proxy;
    }
  });

  test('a chain of redirects ends', async () => {
    stub.behave((_request, response) => response.writeHead(302, { Location: `/again/${stub.seen.length}` }).end());
    expect(await outcomeOf(client().getManifest(v1))).toBe('REMOTE_INVALID');
    expect(stub.seen).toHaveLength(6);
  });
});
