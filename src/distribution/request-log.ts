import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { logRequest } from '../http/access-log.js';
import { clientAddress } from '../http/request-origin.js';
import { Log } from '../logging/logger.js';

/** Who called and what came of it. Pulls are not logged unless somebody looks for something: they are most of the traffic. */
@Injectable()
export class RequestLog {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
    private readonly log: Log,
  ) {}

  watch(request: IncomingMessage, response: ServerResponse): void {
    const { method } = request;
    if ((method !== 'GET' && method !== 'HEAD') || this.log.enabled('debug')) {
      logRequest(
        this.log,
        request,
        response,
        () => this.addressOf(request),
        (status) => changes(method, status),
      );
    }
  }

  /** The address of the client, as trusted proxies report it. */
  addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.config);
  }
}

/** An upload that was opened or goes on (202) may still come to nothing; only its end is news. */
function changes(method: string | undefined, status: number): boolean {
  return method === 'DELETE' || (method !== 'GET' && method !== 'HEAD' && status !== 202);
}
