import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { addressGroup } from '../access/address-group.js';
import { clock } from '../async/clock.js';
import type { Config } from '../config/config.js';
import { bodyPace } from '../distribution/body-pace.js';
import { Failure } from '../errors/failure.js';
import { bringsBody } from '../http/body.js';
import { refuse } from '../http/refuse.js';
import { type AddressConfig, clientAddress, isFromTrustedProxy } from '../http/request-origin.js';
import type { Log } from '../logging/logger.js';
import { AddressCounts } from './address-counts.js';
import { BodyClock } from './body-clock.js';
import { BodyTurns } from './body-turns.js';
import { Connection } from './connection.js';
import { Descriptors } from './descriptors.js';
import { dispensable } from './dispensable.js';
import { EndedCounts, type EndReason } from './ended-counts.js';
import { Handshakes } from './handshakes.js';
import { inPieces } from './in-pieces.js';
import { onUnsent } from './on-unsent.js';
import { RequestTurns } from './request-turns.js';
import { SendQueues } from './send-queues.js';
import { watchingChunks } from './tiny-chunks.js';
import { answerToUnreadable } from './unreadable.js';
import { UnsentBytes } from './unsent-bytes.js';
import { WaitingRequests } from './waiting-requests.js';

type Settings = AddressConfig & Pick<Config, 'connectionsPerAddress' | 'readTimeoutMs' | 'writeTimeoutMs'>;

/** How often everything is looked through; more often where silence is allowed for less. */
const longestSweepMs = 1_000;
/** Fewer connections than this never come near the limit of descriptors. */
const few = 64;
const soon = { 'Retry-After': '1' };
const nothingMore = 'Connection: close\r\nContent-Length: 0\r\n\r\n';
const tooTiny = `HTTP/1.1 400 Bad Request\r\n${nothingMore}`;
const tooSlow = `HTTP/1.1 408 Request Timeout\r\n${nothingMore}`;
/** It names no path, so it is told the methods of all of them. */
const noTunnel = `HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n${nothingMore}`;

/**
 * The connections of all servers of this process: how many answers wait on each, how long a client may be silent, how much
 * memory waits for clients, how many connections one address has, and who goes when descriptors run out. Nothing here is
 * done for a request beyond a look-up; the rest is done once a second.
 */
export class Connections {
  /** Of the servers that are looked after. */
  readonly requestClass = watchingChunks(({ socket }) => {
    const connection = this.#open.get(socket);
    if (connection !== undefined) this.#end(connection, 'tinyChunks', tooTiny);
  });
  readonly #open = new Map<Socket, Connection>();
  readonly #secure = new Map<string, Connection>();
  readonly #handshakes = new Handshakes<Connection>();
  readonly #unsent = new UnsentBytes((connection) => this.#end(connection, 'memory'));
  readonly #descriptors = new Descriptors();
  readonly #turns: RequestTurns;
  readonly #bodyTurns: BodyTurns;
  readonly #waiting = new WaitingRequests();
  readonly #peers: AddressCounts;
  readonly #forwarded: AddressCounts;
  readonly #bodies: BodyClock;
  readonly #ended: EndedCounts;
  readonly #queues: SendQueues;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly config: Settings,
    log: Log,
  ) {
    this.#turns = new RequestTurns();
    this.#bodyTurns = new BodyTurns(() => this.#turns.lettingIn);
    this.#peers = new AddressCounts(config.connectionsPerAddress);
    this.#forwarded = new AddressCounts(config.connectionsPerAddress);
    this.#bodies = new BodyClock(config.readTimeoutMs, (request) => this.#bodyTurns.waits(request));
    this.#ended = new EndedCounts(log);
    this.#queues = new SendQueues(config.writeTimeoutMs / 8);
    const every = Math.min(longestSweepMs, config.readTimeoutMs / 4, config.writeTimeoutMs / 4);
    this.#timer = setInterval(() => this.#sweep(), Math.max(25, every)).unref();
  }

  /** Looks after the connections of `server`. A `private` one serves this machine's administrator, who is never refused. */
  watch(server: Server, { isPrivate }: { readonly isPrivate: boolean }): void {
    const isSecure = server instanceof SecureServer;
    const begin = atDoor(server);
    server.on('connection', (socket: Socket) => {
      if (!this.#accept(socket, { isPrivate, isSecure })) return;
      const address = addressGroup(socket.remoteAddress ?? '');
      this.#turns.arrived(address, () => {
        if (isSecure) this.#shakeHands(socket, address);
        begin(socket);
      });
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#unreadable(error, socket));
    // First of all: a request may come in the same turn.
    if (isSecure) server.prependListener('secureConnection', (socket: Socket) => this.#secured(socket));
    // Without a listener Node hangs up in silence.
    server.on('connect', (_request, socket) => this.#open.get(socket as Socket)?.refuseTunnel(noTunnel));
  }

  /** `listener`, called for each request when its turn on its connection has come. */
  answerInOrder(listener: RequestListener): RequestListener {
    const begin: RequestListener = (request, response) => {
      if (!this.#mayAsk(request, response)) return;
      if (!request.complete && bringsBody(request) && bodyPace(request) !== undefined)
        this.#bodyTurns.watch(request, this.#addressOf(request));
      listener(request, response);
    };
    const answer: RequestListener = (request, response) => {
      if (!this.#turns.waiting) return begin(request, response);
      const read = this.#open.get(request.socket)?.rest();
      this.#turns.add(this.#addressOf(request), () => {
        read?.();
        if (!request.socket.destroyed) begin(request, response);
      });
    };
    // Known since it was accepted; what is gone already needs no answer.
    return (request, response) =>
      this.#open.get(request.socket)?.answerInOrder(request, response, this.#waiting, answer);
  }

  /** Of the client, behind a trusted proxy too. */
  #addressOf(request: IncomingMessage): string {
    return addressGroup(clientAddress(request, this.config));
  }

  /** Reads how many descriptors there are; before anything listens. */
  async ready(): Promise<void> {
    await this.#descriptors.look(0);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** False when the address has too many. */
  #accept(socket: Socket, { isPrivate, isSecure }: { isPrivate: boolean; isSecure: boolean }): boolean {
    if (!isPrivate && !isFromTrustedProxy({ socket }, this.config)) {
      const give = this.#peers.take(socket.remoteAddress ?? '');
      if (give === undefined) {
        this.#ended.add('address');
        if (!isSecure) socket.end(`HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n${nothingMore}`);
        socket.destroySoon();
        return false;
      }
      socket.once('close', give);
    }
    const connection = new Connection(socket, isPrivate, clock.steady());
    if (isSecure) {
      const key = endpoint(socket);
      this.#secure.set(key, connection);
      socket.once('close', () => this.#secure.delete(key));
    }
    if (this.#open.size % few === few - 1) this.#lookAtDescriptors();
    if (this.#descriptors.excess(this.#open.size + 1) > 0) this.#makeRoom(1);
    this.#add(socket, connection);
    return true;
  }

  #shakeHands(socket: Socket, address: string): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return; // it is gone again
    socket.once('close', () => this.#handshakes.over(connection, address));
    const ousted = this.#handshakes.begin(connection, address);
    if (ousted !== undefined) this.#end(ousted, 'handshakes');
  }

  /** From here on HTTP is spoken on a socket of its own. */
  #secured(socket: Socket): void {
    const connection = this.#secure.get(endpoint(socket));
    if (connection === undefined) return void socket.destroy();
    this.#handshakes.over(connection, addressGroup(socket.remoteAddress ?? ''));
    this.#open.delete(connection.raw);
    connection.socket = socket;
    inPieces(socket);
    this.#add(socket, connection);
    socket.resume(); // it waited at the door as what it came on did
  }

  #add(socket: Socket, connection: Connection): void {
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#unsent.forget(connection);
      this.#waiting.set(connection, 0);
    });
    onUnsent(socket, () => this.#unsent.note(connection, clock.steady()));
  }

  /** Behind trusted proxies what counts is the requests of each client. */
  #mayAsk(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.headers['x-forwarded-for'] === undefined || !isFromTrustedProxy(request, this.config)) return true;
    const give = this.#forwarded.take(clientAddress(request, this.config));
    if (give === undefined) {
      const message = 'too many requests of this address are under way';
      refuse(request, response, new Failure('TOO_MANY_REQUESTS', { message, headers: soon }));
      return false;
    }
    response.once('close', give);
    return true;
  }

  /** Ends what is no request; whoever sent it learns why, unless an answer is on its way where it would stand. */
  #unreadable({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
    const response = this.#open.get(socket)?.response;
    const isFree = !response?.headersSent || response.socket === null; // Node takes the socket from an answer that has left
    if (socket.writable && isFree) socket.write(answerToUnreadable(code));
    socket.destroy();
  }

  #sweep(): void {
    const now = clock.steady();
    this.#unsent.recount(now);
    const quiet: Connection[] = [];
    for (const connection of this.#open.values()) {
      connection.forgetAnswered();
      connection.observe(now);
      if (now - connection.movedAt > this.config.writeTimeoutMs) this.#end(connection, 'notReading');
      else if (this.#bodies.isOver(connection, now)) this.#end(connection, 'notSending', tooSlow);
      else if (now - connection.movedAt > this.config.writeTimeoutMs / 4) quiet.push(connection);
    }
    void this.#queues.look(quiet, now);
    this.#ended.tell(now);
    if (this.#open.size >= few) this.#lookAtDescriptors();
  }

  #lookAtDescriptors(): void {
    void this.#descriptors.look(this.#open.size).then(() => this.#makeRoom(this.#descriptors.excess(this.#open.size)));
  }

  #makeRoom(places: number): void {
    for (const connection of dispensable(this.#open.values(), places)) this.#end(connection, 'descriptors');
  }

  #end(connection: Connection, reason: EndReason, answer?: string): void {
    this.#ended.add(reason);
    connection.cut(answer);
  }
}

/** Makes connections wait unread when they are accepted, and gives what lets one in. */
function atDoor(server: Server): (socket: Socket) => void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  Object.assign(server, { pauseOnConnect: true }); // an option of every server of Node, which that for HTTP does not pass on
  return (socket) => {
    if (socket.destroyed) return;
    for (const listener of listeners) listener.call(server, socket);
    socket.resume();
  };
}

/** Tells connections apart: over TLS there are two sockets for one. */
function endpoint({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
