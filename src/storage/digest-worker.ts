import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { DigestAlgorithm } from '../oci/digest.js';

/** What a digest thread is asked. Every question but `drop` is answered, in order. */
export type DigestQuestion =
  | { readonly kind: 'update'; readonly hash: number; readonly algorithm: DigestAlgorithm; readonly bytes: Uint8Array }
  | { readonly kind: 'hex'; readonly hash: number; readonly algorithm: DigestAlgorithm }
  | { readonly kind: 'drop'; readonly hash: number };

const hashes = new Map<number, Hash>();

parentPort?.on('message', (question: DigestQuestion) => {
  switch (question.kind) {
    case 'update':
      hashOf(question).update(question.bytes);
      parentPort?.postMessage('');
      return;
    case 'hex':
      parentPort?.postMessage(hashOf(question).copy().digest('hex'));
      return;
    case 'drop':
      hashes.delete(question.hash);
  }
});

function hashOf({ hash: id, algorithm }: { readonly hash: number; readonly algorithm: DigestAlgorithm }): Hash {
  const hash = hashes.get(id) ?? createHash(algorithm);
  hashes.set(id, hash);
  return hash;
}
