import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Credentials, isNobody, parseBasic, parseBearer } from '../../auth/credentials.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { clientAddress } from '../request-origin.js';
import type { SignedIn } from './signed-in.js';

/** Where programs call: the pages are for people with a session, and the realm reads its Basic credentials itself. */
const programsBelow = '/api/';
const secretPrefix = 'berth_';
const noPasswords =
  'a password is not taken here: send an access token or the secret of a robot, or sign in by POST /api/v1/auth/login';

/** Programs at the REST API: a personal access token or a robot's secret, as a bearer or as the password of Basic. */
@Injectable()
export class SecretSignIn {
  constructor(
    private readonly credentials: Credentials,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Undefined for a request without such credentials. Throws UNAUTHORIZED when they are not right, and for every password, right or wrong. */
  find(request: Request): SignedIn | undefined | Promise<SignedIn> {
    const { authorization } = request.headers;
    if (authorization === undefined || !request.path.startsWith(programsBelow)) return undefined;
    const bearer = parseBearer(authorization);
    if (bearer !== undefined)
      return bearer.startsWith(secretPrefix) ? this.#check(request, bearer, undefined, 'bearer') : undefined;
    if (!/^basic\b/i.test(authorization)) return undefined;
    const basic = parseBasic(authorization);
    if (basic === undefined) throw new Failure('UNAUTHORIZED', { message: 'the Authorization header is malformed' });
    if (isNobody(basic)) return undefined;
    if (!basic.password.startsWith(secretPrefix)) throw new Failure('UNAUTHORIZED', { message: noPasswords });
    return this.#check(request, basic.password, basic.username, 'basic');
  }

  async #check(request: Request, secret: string, name: string | undefined, via: 'bearer' | 'basic'): Promise<SignedIn> {
    const from = { address: clientAddress(request, this.config), ...(name !== undefined && { name }) };
    return { ...(await this.credentials.checkSecret(secret, from)), via };
  }
}
