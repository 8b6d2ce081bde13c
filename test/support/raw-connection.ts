import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By name in lower case; a header that came twice has two values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/**
 * A connection on which text goes out exactly as it is written, for what no client library would send.
 * One question at a time; answers with a length, chunked, without a body, or ended by the connection's end.
 */
export class RawConnection {
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    const wake = () => this.#wake();
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      wake();
    });
    socket.on('error', () => undefined); // a server that hangs up may do so while we are still writing
    socket.on('close', () => {
      this.#ended = true;
      wake();
    });
    socket.on('end', () => {
      this.#ended = true;
      wake();
    });
  }

  static open(origin: string): Promise<RawConnection> {
    const { hostname, port } = new URL(origin);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
      socket.once('error', reject);
    });
  }

  /** Whether the server still keeps it. */
  get open(): boolean {
    return !this.#ended;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Resolves when the bytes have left, or when the server has hung up. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('close', resolve);
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve);
        resolve();
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** The next answer; undefined when the server ends the connection without one. */
  async answer(isHead = false): Promise<RawAnswer | undefined> {
    for (;;) {
      const parsed = this.#parse(isHead);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length);
        return parsed.answer;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the server has ended the connection. */
  async ended(): Promise<void> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #parse(isHead: boolean): { answer: RawAnswer; length: number } | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Map<string, string[]>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
    }
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    const start = end + 4;
    const length = this.#bodyLength(headers, start, isHead || status < 200 || status === 204 || status === 304);
    if (length === undefined) return undefined;
    const body = this.#received.subarray(start, start + length).toString();
    return { answer: { status, headers, body }, length: start + length };
  }

  /** Undefined while some of it is still to come. */
  #bodyLength(headers: ReadonlyMap<string, readonly string[]>, start: number, none: boolean): number | undefined {
    if (none) return 0;
    const there = this.#received.length - start;
    const announced = headers.get('content-length')?.[0];
    if (announced !== undefined) return there < Number(announced) ? undefined : Number(announced);
    if (!headers.has('transfer-encoding')) return this.#ended ? there : undefined;
    const last = this.#received.indexOf('0\r\n\r\n', start);
    return last < 0 ? undefined : last + 5 - start;
  }
}
