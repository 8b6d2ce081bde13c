import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { isFromTrustedProxy } from '../http/request-origin.js';
import type { Digest } from '../oci/digest.js';
import { blobPath } from '../storage/blob-path.js';

/** Lets nginx send blobs from the disk after Berth has decided that they may be sent. */
@Injectable()
export class ProxySender {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'registry' | 'publicUrl' | 'trustedProxies'>) {}

  /**
   * What to answer as X-Accel-Redirect, or undefined when Berth has to send the bytes. The proxy says with
   * `X-Sendfile-Type` that it understands; a client that does not come through it would get an empty answer otherwise.
   */
  locationFor(request: IncomingMessage, digest: Digest): string | undefined {
    const { accelRedirect } = this.config.registry;
    if (accelRedirect === undefined || request.headers['x-sendfile-type'] !== 'X-Accel-Redirect') return undefined;
    return isFromTrustedProxy(request, this.config) ? `${accelRedirect}/${blobPath(digest)}` : undefined;
  }
}
