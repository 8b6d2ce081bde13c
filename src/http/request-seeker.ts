import type { Request } from 'express';
import { addressGroup } from '../access/address-group.js';
import { principalKey } from '../access/principal.js';
import type { Seeker } from '../database/seeker.js';
import { type AddressConfig, clientAddress } from './request-origin.js';
import { requestPrincipal } from './session/signed-in.js';

const configs = new WeakMap<object, AddressConfig>();

/** Tells what {@link requestSeeker} needs to know, once for an application of Express. */
export function noteAddressConfig(application: object, config: AddressConfig): void {
  configs.set(application, config);
}

/** For whom a request searches: the account, or the address group of somebody without one; gone with the connection. */
export function requestSeeker(request: Request): Seeker {
  const principal = requestPrincipal(request);
  const config = configs.get(request.app);
  if (config === undefined) throw new Error('nobody said whose word on addresses counts');
  const key =
    principal.kind === 'anonymous'
      ? `address:${addressGroup(clientAddress(request, config))}`
      : principalKey(principal);
  const controller = new AbortController();
  // Also after an answer that is out, when nobody listens any more.
  request.res?.once('close', () => controller.abort());
  return { key, gone: controller.signal };
}
