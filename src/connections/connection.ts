import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WaitingRequests } from './waiting-requests.js';

/** Answers of one connection that may be under way or wait; beyond it nothing more is taken from the connection. */
const mostAnswers = 16;
/** Bytes that the heads of requests which wait may take, about: a head has up to 16 KiB, and a thousand strings in it. */
const mostWaitingBytes = 64 * 1024;
/** What a request takes beside its head: the objects of it and of its answer, about. */
const requestBytes = 4 * 1024;
/** What a string of a head takes beside its characters, about. */
const stringBytes = 64;

/** Counters of a socket that Node keeps and does not show: how a client that takes little is told from one that takes nothing. */
interface Counting {
  readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null;
}

/** What Node reads requests with, and gives each to `onIncoming`; it has no public way to stop inside of what was read already. */
interface Parsing {
  readonly parser?: { onIncoming: (request: IncomingMessage) => number } | null;
}

/** To Node's parser: this was the last of HTTP here, so it leaves what follows alone. */
const nothingFollows = () => 2;

/** Node leaves what it has read behind such a request alone, and nobody could say what is meant by it. We speak nothing else and answer as ever. */
const asksForAnotherProtocol = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade !== undefined && /upgrade/i.test(headers.connection ?? '');

/** What is known of one connection from its beginning. Times are milliseconds of a clock that never jumps. */
export class Connection {
  /** What HTTP is spoken on: over TLS a socket of its own, once hands are shaken. */
  socket: Socket;
  /** The request whose turn it is; it stays until the next one or {@link forgetAnswered}. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Whether a request of it was ever answered. */
  completed = false;
  /** When the client last took a byte, or had none to take. */
  movedAt: number;
  /** What the body of `request` has brought; undefined while there is none to watch. */
  body: BodyProgress | undefined;
  readonly #waiting: ServerResponse[] = [];
  #waitingBytes = 0;
  #full = false;
  #unread = 0;
  #taken = 0;
  #queued = 0;

  /**
   * @param raw what was accepted, below any TLS
   * @param isPrivate whether it came by the socket file, from whoever runs this machine
   */
  constructor(
    readonly raw: Socket,
    readonly isPrivate: boolean,
    now: number,
  ) {
    this.socket = raw;
    this.movedAt = now;
  }

  /**
   * Runs `answer` when those before it have left: one answer of a connection is made at a time, however many requests came at once.
   * What comes beyond the {@link mostAnswers}th, or while the heads of those that wait take {@link mostWaitingBytes}, is dropped, and
   * the connection closes after that one; so is what comes beyond the first that waits while `all` that wait are too many. It closes as
   * well after the answer to a request for another protocol.
   */
  answerInOrder(
    request: IncomingMessage,
    response: ServerResponse,
    all: WaitingRequests,
    answer: RequestListener,
  ): void {
    if (asksForAnotherProtocol(request)) response.shouldKeepAlive = false;
    const { length } = this.#waiting;
    const tooMany =
      length === mostAnswers - 1 || this.#waitingBytes > mostWaitingBytes || (length > 0 && all.areTooMany);
    if (this.#full || tooMany) {
      this.#drop();
    } else if (response.socket !== null) {
      this.#begin(request, response, answer);
    } else {
      const bytes = headBytes(request);
      this.#waiting.push(response);
      this.#waitingBytes += bytes;
      const read = this.rest();
      all.set(this, this.#heldByWaiting);
      // Node gives a response the socket when the one before it is done. Others have their turn in between.
      response.once('socket', (socket) => {
        this.#waiting.shift();
        this.#waitingBytes -= bytes;
        all.set(this, this.#heldByWaiting);
        setImmediate(() => {
          read();
          if (!socket.destroyed) this.#begin(request, response, answer);
        });
      });
    }
  }

  get #heldByWaiting(): number {
    return this.#waitingBytes + this.#waiting.length * requestBytes;
  }

  /**
   * Reads no more of it while a request of it waits: what it brings is parsed in the turn in which it is read, thousands of headers
   * in 64 KiB. Answers how to read on, which is done when every request that made it rest began.
   */
  rest(): () => void {
    if (this.#unread++ === 0) this.socket.pause();
    return () => {
      if (--this.#unread === 0 && !this.#full && !this.socket.destroyed) this.socket.resume();
    };
  }

  #begin(request: IncomingMessage, response: ServerResponse, answer: RequestListener): void {
    if (this.response !== undefined) this.completed = true;
    this.request = request;
    this.response = response;
    answer(request, response);
  }

  /**
   * Node would parse all that it has read already, a thousand requests in 64 KiB, and keep each until the connection ends. Its own
   * flow control may read once more, so it is paused each time.
   */
  #drop(): void {
    const last = this.#waiting.at(-1);
    if (!this.#full && last !== undefined) last.shouldKeepAlive = false;
    this.#full = true;
    const { parser } = this.socket as Parsing; // Node puts it on each socket of an HTTP server
    if (parser) parser.onIncoming = nothingFollows;
    this.socket.pause();
  }

  /** Lets go of an exchange that is over: most connections rest most of the time. */
  forgetAnswered(): void {
    if (!this.response?.writableFinished || !this.request?.complete) return;
    this.completed = true;
    this.request = undefined;
    this.response = undefined;
  }

  /** Notes whether the client took anything since the last time, or had all that we got round to giving it. */
  observe(now: number): void {
    const { bytesWritten, writeQueueSize } = (this.raw as Counting)._handle ?? { bytesWritten: 0, writeQueueSize: 0 };
    const taken = bytesWritten - writeQueueSize;
    if (taken === this.#taken && writeQueueSize > 0) return;
    this.#taken = taken;
    this.movedAt = now;
  }

  /** Notes that the client took something of the `bytes` that the system keeps for it; undefined when that is not known. */
  observeQueue(bytes: number | undefined, now: number): void {
    if (bytes === undefined) return;
    if (bytes < this.#queued) this.movedAt = Math.max(this.movedAt, now);
    this.#queued = bytes;
  }

  /** Tells it apart in the tables of the system: local and remote port. */
  get ports(): string {
    return `${this.raw.localPort} ${this.raw.remotePort}`;
  }

  /** Bytes in memory that the client has not taken, before they are encrypted: that is done piece by piece (`inPieces`). */
  get unsent(): number {
    return this.socket.writableLength;
  }

  /**
   * Answers a request for a tunnel, and ends the connection: what follows would be no HTTP. Node has let go of the socket by now, so
   * nobody else would hear of a client that hung up. Into an answer that is under way nothing is written.
   */
  refuseTunnel(answer: string): void {
    this.socket.on('error', () => undefined); // nobody is left to answer
    const isAnswering = this.response?.writableFinished === false || this.#waiting.length > 0;
    if (isAnswering) {
      this.cut();
      return;
    }
    this.socket.end(answer);
    this.socket.destroySoon();
  }

  /** Ends it at once; a client that waits for an answer still learns `why`, which is the whole of one. */
  cut(why?: string): void {
    if (why !== undefined && this.response?.headersSent === false) {
      this.socket.end(why);
      this.socket.destroySoon();
      return;
    }
    this.socket.destroy();
    this.raw.destroy();
  }
}

function headBytes({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + stringBytes, url.length);
}

/** How far the body of a request has come, as it is seen now and then. */
export interface BodyProgress {
  readonly request: IncomingMessage;
  /** Later than it did by what we made it wait. */
  startedAt: number;
  /** Bytes the connection had brought when the body was first looked at. */
  readonly before: number;
  received: number;
  receivedAt: number;
  /** When it was last looked at. */
  seenAt: number;
}
