import { addressGroup } from '../access/address-group.js';
import { Failure } from '../errors/failure.js';
import type { PasswordCheck } from '../users/password-check.js';
import type { Waiting } from '../users/password-hasher.js';
import { maxPasswordLength } from '../users/password-policy.js';
import { secretKind } from '../users/tokens/secret.js';
import type { SecretCredentials } from '../users/tokens/secret-credentials.js';
import type { User } from '../users/user.js';
import { type Authenticated, asOwner, asUser, byPassword } from './authenticated.js';
import { KnownPlaces } from './known-places.js';
import type { SignInLimiter } from './sign-in-limiter.js';
import type { SignInEvents } from './sign-in-record.js';

export interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}

/** The one place that turns a name and a password, or a secret in its place, into somebody, whatever way they came in. */
export class Credentials {
  readonly #knownPlaces = new KnownPlaces();

  constructor(
    private readonly passwords: Pick<PasswordCheck, 'check'>,
    private readonly secrets: Pick<SecretCredentials, 'check'>,
    private readonly limiter: SignInLimiter,
    private readonly events: SignInEvents,
  ) {}

  /**
   * The enabled user whose password this is. A wrong password, an unknown and a disabled user fail alike with
   * UNAUTHORIZED after the same work; too many failures from this address with TOO_MANY_REQUESTS, as does a password for
   * which too many others wait.
   */
  async check(given: NameAndPassword, address: string): Promise<User> {
    const lane = this.#knownPlaces.has(given.username, address) ? 'known' : 'stranger';
    const user = await this.#guess(given, address, { lane, owner: addressGroup(address) });
    this.#knownPlaces.add(user.username, address);
    return user;
  }

  /** The same for somebody who is signed in, and asked for the password again. */
  async confirm({ username }: User, password: string, address: string): Promise<User> {
    return await this.#guess({ username, password }, address, { lane: 'signed-in', owner: `user:${username}` });
  }

  async #guess({ username, password }: NameAndPassword, address: string, waiting: Waiting): Promise<User> {
    if (password.length > maxPasswordLength) throw mistaken(); // nobody's, so no guess; counting it would cost nothing to make up
    const tries = this.limiter.of(username, address);
    tries.check();
    // Others that wait before it may fail meanwhile: what is beyond the limit by then is not compared.
    const admit = () => tries.check();
    const user = await this.passwords.check(username, password, { ...waiting, admit });
    if (user === undefined) {
      tries.failed();
      this.events.failed(username, address);
      throw mistaken();
    }
    // Of those compared at the same moment, the right one is not told from the others.
    tries.check();
    tries.succeeded();
    return user;
  }

  /**
   * The same for registry clients, which may also send a personal access token or a robot's secret in the password's
   * place, under its owner's name. They have no page on which to change a password: a user who must change it is refused
   * and told where, but only after the right password. Answers at once for a secret that was met before.
   */
  checkForRegistry(given: NameAndPassword, address: string): Authenticated | Promise<Authenticated> {
    const who = this.#anybody(given, address);
    const ready = (known: Authenticated): Authenticated => {
      const checked = readyForRegistry(known);
      this.events.succeeded(checked, address);
      return checked;
    };
    return who instanceof Promise ? who.then(ready) : ready(who);
  }

  /**
   * The owner of a personal access token or a robot's secret; with a name, only if it is the owner's. Throws
   * UNAUTHORIZED. Nobody guesses 178 random bits, so failures are not counted and lock nobody out.
   */
  checkSecret(secret: string, from: { name?: string; address: string }): Authenticated | Promise<Authenticated> {
    const owner = this.secrets.check(secret, from);
    const known = (found: Awaited<typeof owner>): Authenticated => {
      if (found !== undefined) return asOwner(found);
      this.events.failed(from.name ?? '', from.address);
      throw mistaken();
    };
    return owner instanceof Promise ? owner.then(known) : known(owner);
  }

  #anybody(given: NameAndPassword, address: string): Authenticated | Promise<Authenticated> {
    if (secretKind(given.password) !== undefined)
      return this.checkSecret(given.password, { name: given.username, address });
    return this.check(given, address).then((user) => asUser(user, byPassword));
  }
}

/** Throws UNAUTHORIZED for whoever must change the password, by whatever they came. */
export function readyForRegistry(who: Authenticated): Authenticated {
  if (who.user?.mustChangePassword)
    throw new Failure('UNAUTHORIZED', { message: 'sign in to the console and change your password first' });
  return who;
}

function mistaken(): Failure {
  return new Failure('UNAUTHORIZED', { message: 'wrong username or password' });
}

/** Name and password of an `Authorization: Basic` value (RFC 7617, UTF-8); undefined when it is not one. */
export function parseBasic(authorization: string): NameAndPassword | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Whether neither name nor password was given: so clients write that they have none. */
export function isNobody({ username, password }: NameAndPassword): boolean {
  return username === '' && password === '';
}

/** The token of an `Authorization: Bearer` value (RFC 6750 §2.1); undefined when it is not one. */
export function parseBearer(authorization: string): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
}
