import { bearerChallenge } from './challenge.js';

describe('bearerChallenge', () => {
  test('names realm and service', () => {
    expect(bearerChallenge('http://r:5000', 'berth', [])).toBe('Bearer realm="http://r:5000/token",service="berth"');
  });

  test('names every scope in one parameter, and the reason', () => {
    const pull = { type: 'repository', name: 'team/app', actions: ['pull', 'push'] };
    const from = { type: 'repository', name: 'team/base', actions: ['pull'] };
    expect(bearerChallenge('https://r', 'berth', [pull, from], 'insufficient_scope')).toBe(
      'Bearer realm="https://r/token",service="berth",scope="repository:team/app:pull,push repository:team/base:pull",error="insufficient_scope"',
    );
  });
});
