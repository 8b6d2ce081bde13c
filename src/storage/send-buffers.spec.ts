import { type Block, type Part, SendBuffers } from './send-buffers.js';

const MiB = 1 << 20;

/** Buffers whose reads are written down. */
function buffers() {
  const sending = new SendBuffers();
  const reads: Part[] = [];
  const take = (file: string, position: number, length = 4 * MiB, read?: Promise<void>): Block =>
    sending.take({ file, position, length }, async (memory, part) => {
      reads.push(part);
      memory.fill(file);
      await read;
    });
  return { sending, reads, take };
}

describe('memory that pulls share', () => {
  it('is read once for all who want the same, from wherever in it they go on', () => {
    const { reads, take } = buffers();
    const first = take('a', 0);
    expect(take('a', 0)).toBe(first);
    expect(take('a', 700_000)).toBe(first);
    expect(take('a', MiB)).not.toBe(first);
    expect(take('b', 0)).not.toBe(first);
    expect(reads.map(({ file, position, length }) => [file, position, length])).toEqual([
      ['a', 0, MiB],
      ['a', MiB, MiB],
      ['b', 0, MiB],
    ]);
  });

  it('still has what was read a moment ago, until it is needed for something else', () => {
    const { sending, reads, take } = buffers();
    sending.give(take('a', 0));
    sending.give(take('a', 0));
    expect(reads).toHaveLength(1);
    const others = Array.from({ length: 8 }, (_, n) => take('b', n * MiB));
    expect(others.map(({ memory }) => memory.length)).toEqual(Array.from({ length: 8 }, () => MiB));
    expect(take('a', 0).memory).toHaveLength(64 << 10);
    expect(reads).toHaveLength(10);
  });

  it('never changes while somebody uses it, and never again when somebody went away who may read it', () => {
    const { sending, take } = buffers();
    const shared = take('a', 0);
    take('a', 0);
    sending.give(shared);
    const lost = take('a', MiB);
    sending.lose(lost);
    for (let n = 0; n < 20; n++) sending.give(take('b', n * MiB));
    expect([shared, lost].map(({ memory }) => memory.every((byte) => byte === 97))).toEqual([true, true]);
  });

  it('is read again by whoever comes after a read that failed', async () => {
    const { sending, reads, take } = buffers();
    const failed = take('a', 0, MiB, Promise.reject(new Error('the disk')));
    await expect(failed.filled).rejects.toThrow('the disk');
    sending.give(failed);
    await expect(take('a', 0).filled).resolves.toBeUndefined();
    expect(reads).toHaveLength(2);
  });
});
