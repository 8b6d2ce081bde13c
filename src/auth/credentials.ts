import { Failure } from '../errors/failure.js';
import type { PasswordCheck } from '../users/password-check.js';
import type { User } from '../users/user.js';
import type { SignInLimiter } from './sign-in-limiter.js';

export interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}

/** The one place that turns a name and a password into a user, whatever way they came in. */
export class Credentials {
  constructor(
    private readonly passwords: Pick<PasswordCheck, 'check'>,
    private readonly limiter: SignInLimiter,
  ) {}

  /**
   * The enabled user whose password this is. A wrong password, an unknown and a disabled user fail alike with
   * UNAUTHORIZED after the same work; too many failures from this address with TOO_MANY_REQUESTS.
   */
  async check({ username, password }: NameAndPassword, address: string): Promise<User> {
    this.limiter.check(username, address);
    const user = await this.passwords.check(username, password);
    if (user === undefined) {
      this.limiter.failed(username, address);
      throw new Failure('UNAUTHORIZED', { message: 'wrong username or password' });
    }
    this.limiter.succeeded(username, address);
    return user;
  }

  /**
   * The same for registry clients, who have no page on which to change a password: a user who must change it is
   * refused and told where, but only after the right password.
   */
  async checkForRegistry(given: NameAndPassword, address: string): Promise<User> {
    const user = await this.check(given, address);
    if (user.mustChangePassword) {
      throw new Failure('UNAUTHORIZED', { message: 'sign in to the console and change your password first' });
    }
    return user;
  }
}

/** Name and password of an `Authorization: Basic` value (RFC 7617, UTF-8); undefined when it is not one. */
export function parseBasic(authorization: string): NameAndPassword | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The token of an `Authorization: Bearer` value (RFC 6750 §2.1); undefined when it is not one. */
export function parseBearer(authorization: string): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
}
