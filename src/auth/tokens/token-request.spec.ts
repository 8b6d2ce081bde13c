import { isFailure } from '../../errors/failure.js';
import { parseTokenRequest } from './token-request.js';

const good = { service: 'berth' };

function code(parameters: Record<string, unknown>): string | undefined {
  try {
    parseTokenRequest(parameters, 'berth');
    return undefined;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
}

describe('parseTokenRequest', () => {
  test('takes scopes repeated, joined by spaces, and both', () => {
    const scope = ['repository:a:pull repository:b:push,pull', 'repository:a:push'];
    expect(parseTokenRequest({ ...good, scope }, 'berth').scopes).toEqual([
      { type: 'repository', name: 'a', actions: ['pull', 'push'] },
      { type: 'repository', name: 'b', actions: ['push', 'pull'] },
    ]);
  });

  test('ends the name at the last colon', () => {
    const scope = 'repository:host:5000/a/b:pull';
    expect(parseTokenRequest({ ...good, scope }, 'berth').scopes).toEqual([
      { type: 'repository', name: 'host:5000/a/b', actions: ['pull'] },
    ]);
  });

  test('one bad scope fails nothing', () => {
    const scope = ['nonsense', 'repository:a:pull', '::', 'repository:UPPER:pull'];
    expect(parseTokenRequest({ ...good, scope }, 'berth').scopes.map(({ name }) => name)).toContain('a');
  });

  test('parameters of another shape are absent', () => {
    expect(
      parseTokenRequest({ ...good, 'scope[]': 'repository:a:pull', scope: { a: 'b' }, account: ['x', 'y'] }, 'berth'),
    ).toEqual({
      service: 'berth',
      clientId: '',
      scopes: [],
      account: undefined,
    });
  });

  test.each([
    ['no service', {}, 'SERVICE_UNKNOWN'],
    ['another service', { service: 'other' }, 'SERVICE_UNKNOWN'],
    ['two services', { service: ['berth', 'berth'] }, 'SERVICE_UNKNOWN'],
    ['a client_id of 10 KB', { ...good, client_id: 'x'.repeat(10_000) }, 'VALIDATION_FAILED'],
    ['1,000 scopes', { ...good, scope: Array.from({ length: 1000 }, () => 'repository:a:pull') }, undefined],
    ['1,001 scopes', { ...good, scope: Array.from({ length: 1001 }, () => 'repository:a:pull') }, 'SCOPE_INVALID'],
    ['1,001 scopes in one', { ...good, scope: 'repository:a:pull '.repeat(1000) }, 'SCOPE_INVALID'],
    ['32 KB of scope', { ...good, scope: 'x'.repeat(32_768) }, undefined],
    ['one character more', { ...good, scope: 'x'.repeat(32_769) }, 'SCOPE_INVALID'],
    ['100 KB of scope', { ...good, scope: 'x'.repeat(100_000) }, 'SCOPE_INVALID'],
    ['offline_token and an account', { ...good, offline_token: 'true', account: 'ann' }, undefined],
  ])('%s', (_name, parameters, expected) => {
    expect(code(parameters)).toBe(expected);
  });
});
