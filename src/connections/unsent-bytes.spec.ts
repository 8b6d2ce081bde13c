import { PassThrough } from 'node:stream';
import { Connection } from './connection.js';
import { UnsentBytes } from './unsent-bytes.js';

const KiB = 1024;

/** A client and what waits for it: `given` to the system or not yet. `reads` says that it took bytes since the last time. */
function client(now: number) {
  let taken = 0;
  const socket = Object.assign(new PassThrough(), { waits: 0, given: true });
  const queued = () => (socket.given ? socket.waits : 0);
  const handle = {};
  Object.defineProperty(handle, 'writeQueueSize', { get: queued });
  Object.defineProperty(handle, 'bytesWritten', { get: () => taken + queued() });
  Object.defineProperty(socket, '_handle', { value: handle });
  Object.defineProperty(socket, 'writableLength', { get: () => socket.waits });
  const connection = new Connection(socket as never, false, now); // of a socket only its counters are looked at
  const reads = () => {
    taken++;
  };
  return { connection, socket, reads };
}

test('over the budget the one that took nothing for longest goes, until the rest has room', () => {
  const gone: Connection[] = [];
  const unsent = new UnsentBytes((connection) => gone.push(connection), 1_000 * KiB);
  const clients = [0, 1, 2, 3].map((at) => client(at));
  const write = (at: number, bytes: number, now: number) => {
    const { socket, connection } = clients[at] ?? client(now);
    socket.waits = bytes;
    unsent.note(connection, now);
  };
  for (const at of [0, 1, 2]) write(at, 400 * KiB, 1_000);
  expect(gone).toEqual([]); // each has 80 KiB for nothing
  clients[0]?.reads();
  write(3, 500 * KiB, 2_000);
  expect(gone).toEqual([clients[1]?.connection, clients[2]?.connection]);
});

test('whoever had nothing to take until now is not the one that took nothing for longest', () => {
  const gone: Connection[] = [];
  const unsent = new UnsentBytes((connection) => gone.push(connection), 1_000 * KiB);
  const [first, second, newcomer] = [client(0), client(0), client(1_500)];
  for (const { connection, socket, reads } of [first, second]) {
    socket.waits = 500 * KiB;
    unsent.note(connection, 1_000);
    reads(); // what the system takes of every answer
  }
  newcomer.socket.waits = 600 * KiB;
  unsent.note(newcomer.connection, 2_000);
  expect(gone).toEqual([]);
  newcomer.reads();
  unsent.recount(2_600);
  expect(gone).toEqual([first.connection]);
});

test('what was taken in the meantime does not count', () => {
  const gone: Connection[] = [];
  const unsent = new UnsentBytes((connection) => gone.push(connection), 1_000 * KiB);
  for (let at = 0; at < 100; at++) {
    const { connection, socket } = client(at);
    socket.waits = 900 * KiB;
    unsent.note(connection, at);
    socket.waits = 0;
  }
  expect(gone).toEqual([]);
});

test('many who ask for something large at once have time to read it, unless it is far too much', () => {
  const gone: Connection[] = [];
  const unsent = new UnsentBytes((connection) => gone.push(connection), 1_000 * KiB);
  const clients = Array.from({ length: 4 }, () => client(0));
  for (const { connection, socket } of clients.slice(0, 3)) {
    socket.waits = 900 * KiB;
    unsent.note(connection, 1_000);
  }
  unsent.recount(1_400);
  expect(gone).toEqual([]);
  for (const { connection, socket } of clients.slice(3)) {
    socket.waits = 900 * KiB;
    unsent.note(connection, 1_400);
  }
  expect(gone).toEqual([clients[0]?.connection]);
  clients[2]?.reads();
  unsent.recount(1_600);
  expect(gone).toContain(clients[1]?.connection);
  expect(gone).not.toContain(clients[2]?.connection);
});

test('whoever took all that it was given so far is not to blame for what waits', () => {
  const gone: Connection[] = [];
  const unsent = new UnsentBytes((connection) => gone.push(connection), 1_000 * KiB);
  const [waiting, slow] = [client(0), client(0)];
  for (const { connection, socket } of [waiting, slow]) {
    socket.waits = 600 * KiB;
    unsent.note(connection, 1_000);
  }
  waiting.socket.given = false;
  unsent.recount(2_000);
  expect(gone).toEqual([slow.connection]);
});
