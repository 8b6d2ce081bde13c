import { catalog, type FailureCode } from '../../errors/catalog.js';
import type { OperationText } from './resource.js';
import type { Route } from './routes.js';
import { count, many, members, ref, type Schema, text } from './schema.js';

/** RFC 9457, as every failure of the API is told. */
export const problemSchema: Schema = {
  ...members<Record<'type' | 'title' | 'status' | 'detail' | 'instance' | 'code' | 'requestId' | 'errors', unknown>>(
    {
      type: { type: 'string', format: 'uri' },
      title: text,
      status: count,
      detail: text,
      instance: text,
      code: { type: 'string', enum: Object.keys(catalog) },
      requestId: text,
      errors: many(members<{ pointer: string; message: string }>({ pointer: text, message: text })),
    },
    ['detail', 'errors'],
  ),
  description:
    'A problem (RFC 9457). `code` is stable and for programs, `title` is in the language that Accept-Language asks for, `requestId` is found in the log.',
  examples: [example('NOT_FOUND')],
};

/** What may go wrong with a route: what its policy, parameters and body bring with them, and what its text adds. */
export function codesOf(route: Route, { errors = [], conditional, counts }: OperationText): readonly FailureCode[] {
  const { policy, method, body, query, parameters } = route;
  const changes = method !== 'get';
  const codes: FailureCode[] = ['INTERNAL', ...errors];
  if (policy.kind !== 'public') codes.push('UNAUTHORIZED', 'TOKEN_INVALID', 'PASSWORD_CHANGE_REQUIRED', 'DENIED');
  if (policy.kind === 'repository') codes.push('NAME_INVALID', 'NOT_FOUND');
  if (body || query || parameters.length > 0) codes.push('VALIDATION_FAILED');
  if (parameters.length > 0) codes.push('NOT_FOUND');
  if (body) codes.push('BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  if (changes) codes.push('CSRF_FAILED', 'DATABASE_BUSY', 'STORAGE_UNAVAILABLE', 'STORAGE_FULL');
  if (counts) codes.push('SEARCH_TIMEOUT', 'TOO_MANY_REQUESTS');
  if (conditional) codes.push('PRECONDITION_FAILED');
  return [...new Set(codes)];
}

/** One response for each status, with an example of every code. */
export function problemResponses(codes: readonly FailureCode[]): Record<string, object> {
  const byStatus = new Map<number, FailureCode[]>();
  for (const code of codes) {
    const { status } = catalog[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, same]) => [
    String(status),
    {
      description: same.map((code) => `${code}: ${catalog[code].message}.`).join(' '),
      content: {
        'application/problem+json': {
          schema: ref('Problem'),
          examples: Object.fromEntries(same.map((code) => [code, { value: example(code) }])),
        },
      },
    },
  ]);
  return Object.fromEntries(responses);
}

function example(code: FailureCode): object {
  const { status, message } = catalog[code];
  return {
    type: `urn:berth:error:${code}`,
    title: message,
    status,
    instance: '/api/v1/users/ann',
    code,
    requestId: '01jd3k8s2c7v',
    ...(code === 'VALIDATION_FAILED' && { errors: [{ pointer: '/role', message: 'role must be one of admin, user' }] }),
  };
}
