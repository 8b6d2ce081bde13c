import fc from 'fast-check';
import { passwordProblem } from './password-policy.js';

const problem = (password: string) => passwordProblem(password, { username: 'alice' });

describe('passwordProblem', () => {
  it.each([
    ['seven77', 'tooShort'],
    ['山高月小水落石', 'tooShort'],
    ['x'.repeat(1025), 'tooLong'],
    ['password', 'common'],
    ['P@ssw0rd2024!', 'common'],
    ['!!letmein!!', 'common'],
    ['qwertyuiop', 'common'],
    ['1qaz2wsx', 'common'],
    ['12345678', 'common'],
    ['87654321', 'common'],
    ['11111111', 'common'],
    ['adminadmin', 'common'],
    ['abc123abc123', 'common'],
    ['Welcome2026', 'common'],
    ['p\ufffdssword-1234', 'garbled'],
    ['half a character \ud83d', 'garbled'],
    ['alice2026!', 'namesAccount'],
    ['berth-registry', 'namesAccount'],
  ])('refuses %s: %s', (password, expected) => {
    expect(problem(password)).toBe(expected);
  });

  it.each([
    'four green bottles',
    'alice saw nine owls',
    '山高月小水落石出',
    'k7#qL0vz',
    'correct horse battery staple',
    `${'x'.repeat(100)}yz`,
  ])('accepts %s', (password) => {
    expect(problem(password)).toBeUndefined();
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (password, username) => {
        passwordProblem(password, { username });
      }),
    );
  });
});
