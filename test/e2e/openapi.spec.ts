import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { type Berth, startBerth } from '../support/berth.js';
import { send } from '../support/http.js';

let berth: Berth;

beforeAll(async () => {
  berth = await startBerth({ env: { BERTH_WEB_ENABLED: 'false' } });
});

afterAll(() => berth.stop());

test('the description of the API is served to everybody, as JSON and as YAML', async () => {
  const json = await send(berth.url, '/api/openapi.json');
  expect(json.status).toBe(200);
  expect(json.headers['content-type']).toMatch(/^application\/json/);
  expect(json.headers.link).toContain('rel="service-desc"');
  const document = JSON.parse(json.body.toString());
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'cookie']);
  const yaml = await send(berth.url, '/api/openapi.yaml');
  expect(yaml.headers['content-type']).toMatch(/^application\/yaml/);
  expect(parse(yaml.body.toString())).toEqual(document);
});

test.each(['json', 'yaml'])('it is made once, and not sent again to whoever has it (%s)', async (form) => {
  const path = `/api/openapi.${form}`;
  const plain = await send(berth.url, path);
  const small = await send(berth.url, path, { headers: { 'accept-encoding': 'gzip' } });
  expect(small.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(small.body).equals(plain.body)).toBe(true);
  for (const { headers } of [plain, small]) {
    expect(headers.vary).toContain('Accept-Encoding');
    const question = { 'if-none-match': headers.etag, 'accept-encoding': headers['content-encoding'] ?? 'identity' };
    const again = await send(berth.url, path, { headers: question });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  }
  expect(plain.headers.etag).not.toBe(small.headers.etag);
});

test('what it says of bodies is what the server checks', async () => {
  const { paths } = (await berth.api('GET', '/api/openapi.json', undefined, null)).body;
  const schema = paths['/api/v1/tokens'].post.requestBody.content['application/json'].schema;
  expect(schema).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', maxLength: 64 },
      expiresAt: { type: ['string', 'null'], format: 'date-time' },
      scopes: {
        type: 'array',
        maxItems: 50,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['pattern', 'actions'],
          properties: {
            actions: {
              type: 'array',
              minItems: 1,
              uniqueItems: true,
              items: { type: 'string', enum: ['pull', 'push', 'delete', 'manage'] },
            },
            pattern: { type: 'string', maxLength: 257 },
          },
        },
      },
    },
  });
});
