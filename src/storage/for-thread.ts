/** Some bytes as another thread can have them: memory that both see as it is; everything else is copied, and only what is meant. */
export function forThread(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  const shared = chunks.length === 1 && first?.buffer instanceof SharedArrayBuffer;
  return shared ? first : new Uint8Array(Buffer.concat(chunks));
}
