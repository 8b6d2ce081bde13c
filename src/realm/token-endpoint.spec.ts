import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Audit } from '../audit/audit.js';
import type { TokenAnswer, TokenRealm } from '../auth/tokens/token-realm.js';
import type { Config } from '../config/config.js';
import { HeldBodies } from '../http/held-bodies.js';
import type { Csrf } from '../http/session/csrf.js';
import type { Log } from '../logging/logger.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenRefusal } from './token-refusal.js';

let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('an answer that cannot be sent is a fault that is told and logged', async () => {
  const logged: string[] = [];
  const log = {
    info: () => undefined,
    error: (_fields: object, message: string) => logged.push(message),
  } as unknown as Log;
  const config = {
    publicUrl: undefined,
    trustedProxies: [],
    token: { service: 'berth' },
    registry: { maxManifestBytes: 1 },
  } as unknown as Config;
  // No text can be made of it.
  const answer = { token: 1n } as unknown as TokenAnswer;
  const realm = { byQuery: async () => answer } as unknown as TokenRealm;
  const refusal = new TokenRefusal(config, log, {} as Audit);
  const endpoint = new TokenEndpoint(realm, refusal, {} as Csrf, log, new HeldBodies(config), config);
  server = createServer((request, response) => endpoint.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answered = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
  expect(answered.status).toBe(500);
  expect(logged).toContain('request failed');
  expect(await answered.json()).toMatchObject({ error: 'server_error' });
});
