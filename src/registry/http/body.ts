import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';

/** The announced length in bytes; undefined for a chunked body. */
export function bodyLength(headers: IncomingHttpHeaders): number | undefined {
  if (headers['transfer-encoding'] !== undefined) {
    return undefined;
  }
  return Number(headers['content-length'] ?? 0);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return bodyLength(headers) !== 0;
}

/** The whole body, for manifests. As {@link readBody}: MANIFEST_TOO_LARGE. */
export async function readManifest(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new Failure('MANIFEST_TOO_LARGE', { message: `a manifest may have ${limit} bytes at most` });
  return await readBody(request, limit, tooLarge);
}

/** The whole body. Stops reading as soon as it is longer than `limit` bytes, or does not start when it says so, and throws what `tooLarge` makes. */
export async function readBody(request: IncomingMessage, limit: number, tooLarge: () => Failure): Promise<Buffer> {
  if ((bodyLength(request.headers) ?? 0) > limit) {
    throw tooLarge();
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // The request stays open when we stop early: its answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      throw tooLarge();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** How many transfers a connection is watched for: with pipelining an answer may wait while the next body is read. */
const watches = new WeakMap<Socket, number>();

/** Cuts transfers that stopped moving; one that moves may last for ever. */
@Injectable()
export class IdleTimeout {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'readTimeoutMs' | 'writeTimeoutMs'>) {}

  /** Runs `work`, which reads the body of `request`. */
  async watch<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    return await this.limited(request, this.config.readTimeoutMs, work);
  }

  /** Runs `work`, which writes the answer to `request` piece by piece. */
  async watchAnswer<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    return await this.limited(request, this.config.writeTimeoutMs, work);
  }

  /**
   * Watches what the system has not taken yet of an answer that was written at once. Over HTTP that is nothing as a rule, and costs
   * nothing then; over TLS the system always answers a moment later.
   */
  watchRest(response: ServerResponse): void {
    if (response.writableLength === 0) {
      return;
    }
    const watch = (socket: Socket) => {
      this.begin(socket, this.config.writeTimeoutMs);
      // Before Node's own listener, which sets how long an idle connection is kept.
      response.prependOnceListener('finish', () => this.end(socket));
    };
    if (response.socket === null) {
      // Behind other answers on its connection, the first of which is watched.
      response.once('socket', watch);
    } else {
      watch(response.socket);
    }
  }

  private async limited<T>({ socket }: IncomingMessage, ms: number, work: () => Promise<T>): Promise<T> {
    this.begin(socket, ms);
    try {
      return await work();
    } finally {
      this.end(socket);
    }
  }

  /** Node destroys a socket that times out while nobody listens. */
  private begin(socket: Socket, ms: number): void {
    watches.set(socket, (watches.get(socket) ?? 0) + 1);
    socket.setTimeout(ms);
  }

  private end(socket: Socket): void {
    const others = (watches.get(socket) ?? 1) - 1;
    watches.set(socket, others);
    if (others === 0) {
      socket.setTimeout(0);
    }
  }
}
