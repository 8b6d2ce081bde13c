import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineWriter } from './line-writer.js';

const file = join(tmpdir(), `line-writer-${process.pid}`);
let descriptor: number;

beforeEach(() => {
  descriptor = openSync(file, 'w+');
});

afterEach(() => {
  closeSync(descriptor);
  rmSync(file);
});

test('every line arrives once', () => {
  const writer = new LineWriter(descriptor);
  const lines = Array.from({ length: 1000 }, (_, n) => `line ${n}\n`);
  for (const line of lines) writer.write(line);
  writer.flush();
  // The first line belongs to the system by now, so the rest may overtake it.
  const rest = lines.slice(1).join('');
  expect(readFileSync(file, 'utf8').replace('line 0\n', '')).toBe(rest);
});

test('a full disk costs lines and nothing else', () => {
  const full = openSync('/dev/full', 'w');
  const writer = new LineWriter(full);
  for (let n = 0; n < 100; n++) writer.write('lost\n');
  writer.flush();
  closeSync(full);
});

test('a reader that does not read for long holds up neither the writer nor its memory, and gets what was kept', async () => {
  const fifo = `${file}-fifo`;
  execFileSync('mkfifo', [fifo]);
  const pipe = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = new LineWriter(pipe);
  const line = `${'x'.repeat(1023)}\n`;
  for (let n = 0; n < 10_000; n++) writer.write(line);
  const kept = 4 * 1024 * 1024 + 1024;
  let received = 0;
  const read = () => new Socket({ fd: openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK) });
  for await (const piece of read() as AsyncIterable<Buffer>) {
    received += piece.length;
    if (received >= kept) break;
  }
  writer.write('the last\n');
  const reader = read();
  const [last] = await once(reader, 'data');
  reader.destroy();
  expect([received, `${last}`]).toEqual([kept, 'the last\n']);
  closeSync(pipe);
  rmSync(fifo);
});
