import type { RoutePolicy } from '../../access/route-policy.js';
import { bodySchema } from './body-schema.js';
import { codesOf, problemResponses, problemSchema } from './problems.js';
import type { OperationText, ParameterText, Resource } from './resource.js';
import { type Route, routesOf } from './routes.js';
import type { Schema } from './schema.js';
import { commonParameters, introduction, tags } from './texts.js';

type Members = Record<string, unknown>;

/** The OpenAPI 3.1 document of these resources. Throws for a route without a text and a text without a route. */
export function openApiDocument(resources: readonly Resource[], version: string): Members {
  const paths: Record<string, Members> = {};
  for (const resource of resources) {
    const routes = routesOf(resource.controller);
    const unserved = Object.keys(resource.operations).find((name) => !routes.some(({ handler }) => handler === name));
    if (unserved !== undefined) throw new Error(`${resource.controller.name}.${unserved} is described and no route`);
    for (const route of routes) {
      const operations = paths[route.path] ?? {};
      paths[route.path] = { ...operations, [route.method]: operation(resource, route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version,
      summary: 'A private container registry for a team',
      description: introduction,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This Berth' }],
    tags,
    paths,
    components: {
      schemas: { Problem: problemSchema, ...Object.assign({}, ...resources.map(({ schemas }) => schemas ?? {})) },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The access token of a sign-in (15 minutes), or a personal access token (`berth_pat_…`).',
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'berth',
          description:
            'The session of the console; over HTTPS its cookie is called `__Host-berth`. What changes something needs the header X-CSRF-Token besides.',
        },
      },
    },
  };
}

function operation(resource: Resource, route: Route): Members {
  const words = resource.operations[route.handler];
  if (words === undefined) throw new Error(`${resource.controller.name}.${route.handler} has no description`);
  const { policy, body } = route;
  return {
    operationId: words.id,
    summary: words.summary,
    description: `${words.description}\n\n${whoMay(policy)}`,
    tags: [resource.tag],
    ...(policy.kind === 'public' ? { security: [] } : { security: [{ bearer: [] }, { cookie: [] }] }),
    parameters: parameters(resource, route, words),
    ...(body && {
      requestBody: {
        required: (bodySchema(body).required as string[]).length > 0,
        content: { 'application/json': { schema: bodySchema(body), examples: { usual: { value: words.body } } } },
      },
    }),
    responses: { ...success(route, words), ...problemResponses(codesOf(route, words)) },
    'x-policy': policy,
  };
}

function success(route: Route, { answer, also, counts }: OperationText): Members {
  if (answer === undefined) return { 204: { description: 'Done.' } };
  const counted = header('How many the whole list has, whatever the page.', '340');
  const headers = {
    ...(route.tagged && { ETag: header('The state of the resource, for If-Match.', '"0fT3kqkZ0m5wPzQ1yB7c2A"') }),
    ...(route.paged && { Link: header('The next page, when there is one (RFC 8288).', '<…?cursor=YXBw>; rel="next"') }),
    ...(counts && { 'X-Total-Count': counted }),
  };
  const located = { ...headers, Location: header('Where it is from now on.', '/api/v1/…') };
  const content = {
    [answer.mediaType ?? 'application/json']: { schema: answer.schema, examples: { usual: { value: answer.example } } },
  };
  const response = (status: number) => ({
    description: status === 201 ? 'Created.' : 'As asked.',
    headers: status === 201 ? located : headers,
    content,
  });
  return Object.fromEntries([route.status, ...(also === undefined ? [] : [also])].map((at) => [at, response(at)]));
}

function header(description: string, example: string): Members {
  return { description, schema: { type: 'string' }, example };
}

function parameters(resource: Resource, route: Route, { conditional }: OperationText): Members[] {
  const inPath = route.parameters.map((name) => ({
    ...parameter(resource, name, { type: 'string', minLength: 1 }),
    in: 'path',
    required: true,
  }));
  const query = route.query && bodySchema(route.query);
  const required = (query?.required ?? []) as string[];
  const inQuery = Object.entries((query?.properties ?? {}) as Record<string, Schema>).map(([name, schema]) => ({
    ...parameter(resource, name, schema),
    in: 'query',
    required: required.includes(name),
  }));
  const ifMatch = { ...parameter(resource, 'If-Match', { type: 'string' }), in: 'header', required: false };
  return [...inPath, ...inQuery, ...(conditional ? [ifMatch] : [])];
}

function parameter(resource: Resource, name: string, schema: Schema): Members {
  const words: ParameterText | undefined = resource.parameters?.[name] ?? commonParameters[name];
  if (words === undefined) throw new Error(`the parameter ${name} of ${resource.tag} has no description`);
  return { name, description: words.description, schema: words.schema ?? schema, example: words.example };
}

function whoMay(policy: RoutePolicy): string {
  switch (policy.kind) {
    case 'public':
      return '**Who:** everybody.';
    case 'signed-in':
      return '**Who:** whoever is signed in.';
    case 'admin':
      return '**Who:** administrators.';
    case 'repository':
      return `**Who:** whoever may \`${policy.action}\` the repository. Who may not even pull it is told that it does not exist.`;
  }
}
