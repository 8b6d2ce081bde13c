import { MessageChannel } from 'node:worker_threads';

/** Bytes from which on it is worth a message. */
const worthIt = 16 << 10;
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Gives the memory of a chunk that nobody needs any more back at once: the collector of garbage would come for it when there
 * are some thirty megabytes of them. A message to a closed port takes what is handed over with it.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= worthIt && buffer.byteLength === byteLength && buffer instanceof ArrayBuffer) {
    nowhere.postMessage(buffer, [buffer]);
  }
}
