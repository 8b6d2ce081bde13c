import type { IncomingMessage } from 'node:http';
import { actorOf, type Origin } from '../access/origin.js';
import type { Principal } from '../access/principal.js';
import { requestId } from './request-id.js';
import { type AddressConfig, clientAddress } from './request-origin.js';

/** What the record of a change says about where it came from. */
export function originOf(request: IncomingMessage, principal: Principal, config: AddressConfig): Origin {
  return { actor: actorOf(principal), ...sourceOf(request, config) };
}

/** The same without the actor. */
export function sourceOf(request: IncomingMessage, config: AddressConfig): Omit<Origin, 'actor'> {
  return {
    address: clientAddress(request, config),
    userAgent: request.headers['user-agent'] ?? '',
    requestId: requestId(request),
  };
}
