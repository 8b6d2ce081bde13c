import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { isController } from '../../http/nest-routes.js';
import { openApiDocument } from './document.js';
import { resources } from './resources.js';
import { routesOf } from './routes.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly { name: string; description: string; example?: unknown; schema: object }[];
  readonly requestBody?: { content: Record<string, { examples: { usual: { value?: unknown } } }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { examples: object }> }>;
}

const document = openApiDocument(resources, '1.2.3') as {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
  components: { schemas: Record<string, object> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, method, path, operation })),
);
const controllers = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.controller.ts'),
);

test('every route of the REST API is described, and nothing else', async () => {
  const served: string[] = [];
  for (const file of controllers) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(import.meta.dirname, '..', file)).href);
    for (const controller of Object.values(module).filter(isController))
      for (const { method, path } of routesOf(controller)) served.push(`${method} ${path}`);
  }
  const rest = served.filter((route) => route.includes(' /api/v1/'));
  expect(operations.map(({ name }) => name).sort()).toEqual(rest.sort());
  expect(rest.length).toBeGreaterThan(45);
});

test('operation ids are verbs with an object, and each is one operation', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(
      /^(add|cancel|change|count|create|delete|end|explain|export|follow|get|list|preview|put|refresh|reindex|remove|reset|revoke|rotate|run|search|sign|sync|unlock|update)[A-Z]\w*$/,
    );
});

test.each(operations)('$name reads well', ({ operation, method }) => {
  const { summary, description, tags, parameters, requestBody, responses } = operation;
  expect(summary).toMatch(/^[A-Z].*[^.]$/);
  expect(description).toMatch(/\.\n\n\*\*Who:\*\* /);
  expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...tags]));
  expect(tags).toHaveLength(1);
  for (const parameter of parameters) {
    expect(parameter.description).toMatch(/\.$/);
    expect(parameter).toHaveProperty('example');
  }
  for (const { examples } of Object.values(requestBody?.content ?? {})) expect(examples.usual.value).toBeDefined();
  const statuses = Object.keys(responses);
  expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
  const expected = [
    '500',
    ...(operation.security.length > 0 ? ['401', '403'] : []),
    ...(parameters.length > 0 ? ['400'] : []),
    ...(requestBody ? ['400', '413', '415'] : []),
    ...(method === 'get' ? [] : ['503', '507']),
    ...(parameters.some(({ name }) => name === 'If-Match') ? ['412'] : []),
  ];
  expect(statuses).toEqual(expect.arrayContaining(expected));
  for (const [status, { description: what, content = {} }] of Object.entries(responses)) {
    expect(what).not.toBe('');
    if (status !== '204') expect(Object.keys(content)).toHaveLength(1);
    for (const { examples } of Object.values(content)) expect(Object.keys(examples)).not.toHaveLength(0);
  }
});

test('every reference resolves', () => {
  const found: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === '$ref') found.push(value);
    return value;
  });
  expect(found.length).toBeGreaterThan(100);
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...new Set(found)].filter((ref) => !known.includes(ref))).toEqual([]);
});

test('the example of every body is one that the route takes', async () => {
  let checked = 0;
  for (const { controller, operations: texts } of resources)
    for (const { handler, body } of routesOf(controller)) {
      if (body === undefined) continue;
      const given = plainToInstance(body, texts[handler]?.body);
      const errors = await validate(given, { whitelist: true, forbidNonWhitelisted: true });
      expect([handler, errors]).toEqual([handler, []]);
      checked += 1;
    }
  expect(checked).toBeGreaterThan(10);
});
