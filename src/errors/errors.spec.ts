import { catalog, type FailureCode } from './catalog.js';
import { Failure, isFailure, toFailure } from './failure.js';
import { renderOci } from './render-oci.js';
import { renderProblem } from './render-problem.js';

const context = { requestId: 'r-1', instance: '/api/v1/users', translate: (key: string) => `translated ${key}` };
const codes = Object.keys(catalog) as FailureCode[];

describe('catalogue', () => {
  it.each(codes)('%s has a status, an OCI code, a key and a message', (code) => {
    const { status, oci, key, message } = catalog[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(oci).toMatch(/^[A-Z_]+$/);
    expect(key).toBe(`errors.${code}`);
    expect(message).not.toBe('');
  });
});

describe('a failure', () => {
  it('keeps its cause, and says what the catalogue says unless it knows better', () => {
    const cause = new Error('disk');
    expect(new Failure('STORAGE_FULL', { cause })).toMatchObject({ message: catalog.STORAGE_FULL.message, cause });
    expect(new Failure('NAME_INVALID', { message: 'too long' }).message).toBe('too long');
  });

  it('is told from everything else that is thrown', () => {
    const failure = new Failure('DENIED');
    expect(toFailure(failure)).toBe(failure);
    expect([isFailure(failure), isFailure(failure, 'DENIED'), isFailure(failure, 'CONFLICT')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isFailure({ code: 'DENIED' })).toBe(false);
    for (const thrown of [new Error('x'), 'x', undefined, null]) expect(toFailure(thrown).code).toBe('INTERNAL');
  });
});

describe('OCI rendering', () => {
  it('is the error body of the distribution specification', () => {
    const error = new Failure('MANIFEST_BLOB_UNKNOWN', {
      detail: { digest: 'sha256:x' },
      headers: { 'Retry-After': '5' },
    });
    const { status, headers, body } = renderOci(error, 'r-1');
    expect(status).toBe(400);
    expect(headers).toEqual({ 'Retry-After': '5', 'Content-Type': 'application/json' });
    expect(JSON.parse(body)).toEqual({
      errors: [
        {
          code: 'MANIFEST_BLOB_UNKNOWN',
          message: catalog.MANIFEST_BLOB_UNKNOWN.message,
          detail: { digest: 'sha256:x' },
        },
      ],
    });
  });
});

describe('problem rendering', () => {
  it('has a title in the language of the reader and the members of RFC 9457', () => {
    const { status, headers, body } = renderProblem(new Failure('NOT_FOUND', { message: 'no such user' }), context);
    expect(status).toBe(404);
    expect(headers).toEqual({ 'Content-Type': 'application/problem+json' });
    expect(JSON.parse(body)).toEqual({
      type: 'urn:berth:error:NOT_FOUND',
      title: 'translated errors.NOT_FOUND',
      status: 404,
      detail: 'no such user',
      instance: '/api/v1/users',
      code: 'NOT_FOUND',
      requestId: 'r-1',
    });
  });

  it('names each wrong member of a body', () => {
    const errors = [{ pointer: '/name', message: 'name is missing' }];
    const { body } = renderProblem(new Failure('VALIDATION_FAILED', { detail: errors }), context);
    expect(JSON.parse(body)).toMatchObject({ code: 'VALIDATION_FAILED', errors });
  });
});

describe('a fault of ours', () => {
  const secret = 'SQLITE_IOERR at /srv/data/berth.db';
  const faults = [
    new Error(secret),
    secret,
    new Failure('STORAGE_UNAVAILABLE', { message: secret, detail: secret, cause: new Error(secret) }),
  ];

  it.each(faults)('tells the client the request id and nothing else (%#)', (fault) => {
    const oci = renderOci(fault, 'r-1');
    const problem = renderProblem(fault, context);
    for (const { status, body } of [oci, problem]) {
      expect(status).toBeGreaterThanOrEqual(500);
      expect(body).toContain('r-1');
      expect(body).not.toContain('SQLITE');
      expect(body).not.toContain('stack');
    }
  });
});
