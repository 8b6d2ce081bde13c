import { clock } from '../../async/clock.js';
import { Failure } from '../../errors/failure.js';
import { hostOf } from './address-rules.js';
import { parseChallenges } from './challenge.js';
import { Deadline } from './deadline.js';
import { faultOfStatus, invalidAnswer } from './fault.js';
import { type JsonCalls, jsonObject } from './json-calls.js';
import type { RemoteLimits } from './limits.js';
import { retryAfterMs } from './retries.js';

/** How Berth signs in to a registry. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** A refresh token of its realm. */
  | { readonly identityToken: string };

/** What the registry wants, as its challenges said. */
type Way = { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly realm: URL; readonly service?: string };

interface Token {
  readonly text: string;
  /** Not used after this, on the clock that nobody sets. */
  readonly until: number;
}

/** Seconds a token lives when its realm does not say, and at least (Distribution's "Token Authentication"). */
const defaultSeconds = 60;
/** Part of its life after which a token is not begun with any more: requests take time. */
const usablePart = 0.8;
const mostTokens = 1000;
const tokenGrammar = /^[\x21-\x7e]+$/;

/**
 * What one registry is shown by one set of credentials: nothing until it asks, then what its challenge says. Tokens are kept by
 * their scopes and asked for once, however many need one. Credentials go to the registry's own origin, and to the realms that whoever
 * configured it named.
 */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  readonly #asking = new Map<string, Promise<string>>();
  #way: Way | undefined;

  /** @param realms origins beside the registry's own that may be given the credentials */
  constructor(
    private readonly registry: URL,
    private readonly credentials: Credentials | undefined,
    private readonly realms: readonly string[],
    private readonly calls: JsonCalls,
    private readonly limits: Pick<RemoteLimits, 'tokenBytes' | 'callMs'>,
  ) {}

  /** The Authorization header for these scopes; undefined while the registry has not asked for one. */
  async authorization(scopes: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    if (this.#way === undefined) return undefined;
    if (this.#way.kind === 'basic') return this.#basic();
    const key = [...scopes].sort().join(' ');
    const known = this.#tokens.get(key);
    if (known !== undefined && known.until > clock.steady()) return `Bearer ${known.text}`;
    const asking = this.#asking.get(key) ?? this.#begin(key, scopes, this.#way);
    return `Bearer ${await abortable(asking, signal)}`;
  }

  /** Takes in what a 401 demands, and forgets what it did not take. Throws REMOTE_DENIED when there is nothing to show. */
  learn(header: string | undefined, at: URL, scopes: readonly string[]): void {
    this.#tokens.delete([...scopes].sort().join(' '));
    this.#way = this.#choose(header ?? '', at);
  }

  /** Tokens before passwords; a realm that may not have the credentials is passed over when another way is left. */
  #choose(header: string, at: URL): Way {
    let refused: Failure | undefined;
    const challenges = parseChallenges(header);
    for (const { scheme, parameters } of challenges) {
      if (scheme !== 'bearer') continue;
      const realm = parameters.get('realm');
      if (!realm || !URL.canParse(realm, at.href)) continue;
      const url = new URL(realm, at);
      refused = this.#refusalOf(url);
      const service = parameters.get('service');
      if (refused === undefined) return { kind: 'bearer', realm: url, ...(service !== undefined && { service }) };
    }
    const mayShow = this.credentials !== undefined && 'username' in this.credentials;
    if (mayShow && challenges.some(({ scheme }) => scheme === 'basic')) return { kind: 'basic' };
    throw refused ?? faultOfStatus(401, hostOf(this.registry), 'and no way to sign in', undefined);
  }

  #refusalOf(realm: URL): Failure | undefined {
    const downgraded = this.registry.protocol === 'https:' && realm.protocol !== 'https:';
    const trusted = realm.origin === this.registry.origin || this.realms.includes(realm.origin);
    if (!downgraded && (trusted || this.credentials === undefined)) return undefined;
    const why = downgraded ? 'is not https' : 'is at another address, and not named in the settings';
    return new Failure('REMOTE_ADDRESS_REFUSED', {
      message: `${hostOf(this.registry)}: its realm ${realm.origin} ${why}`,
    });
  }

  #begin(key: string, scopes: readonly string[], way: Way & { readonly kind: 'bearer' }): Promise<string> {
    const asking = this.#ask(scopes, way)
      .then((token) => {
        this.#keep(key, token);
        return token.text;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  #keep(key: string, token: Token): void {
    this.#tokens.delete(key);
    this.#tokens.set(key, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > mostTokens && oldest !== undefined) this.#tokens.delete(oldest);
  }

  async #ask(scopes: readonly string[], { realm, service }: Way & { readonly kind: 'bearer' }): Promise<Token> {
    const url = new URL(realm);
    const asksWith =
      this.credentials !== undefined && 'identityToken' in this.credentials ? this.credentials : undefined;
    const parameters = asksWith === undefined ? url.searchParams : new URLSearchParams();
    if (service !== undefined) parameters.set('service', service);
    parameters.set('client_id', 'berth');
    if (asksWith !== undefined) {
      parameters.set('grant_type', 'refresh_token');
      parameters.set('refresh_token', asksWith.identityToken);
      parameters.set('scope', scopes.join(' '));
    } else for (const scope of scopes) parameters.append('scope', scope);
    const authorization = this.#basic();
    const askedAt = clock.steady();
    const host = hostOf(url);
    const deadline = new Deadline(this.limits.callMs, host, undefined); // nobody's own: others wait for it too
    const { status, headers, bytes } = await this.calls
      .ask({
        url,
        headers: authorization === undefined ? {} : { Authorization: authorization },
        form: asksWith && parameters,
        limit: this.limits.tokenBytes,
        signal: deadline.signal,
      })
      .finally(() => deadline.end());
    // A realm says 400 to a refresh token that has ended (RFC 6749 §5.2).
    if (status === 400) throw faultOfStatus(401, host, 'when asked for a token', undefined);
    if (status !== 200)
      throw faultOfStatus(status, host, 'when asked for a token', retryAfterMs(headers['retry-after']));
    const { token, access_token: accessToken, expires_in: seconds } = jsonObject(bytes, host);
    const text = token || accessToken;
    if (typeof text !== 'string' || !tokenGrammar.test(text))
      throw invalidAnswer(host, 'there is no token in the answer');
    const life = typeof seconds === 'number' && seconds > defaultSeconds ? seconds : defaultSeconds;
    return { text, until: askedAt + life * 1000 * usablePart };
  }

  #basic(): string | undefined {
    if (this.credentials === undefined || !('username' in this.credentials)) return undefined;
    const { username, password } = this.credentials;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
}

/** Waits no longer than wanted for what goes on without this one. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
