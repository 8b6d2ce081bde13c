import { temporaryImages } from '../../../test/support/temporary-images.js';
import { type Principal, principalKey } from '../../access/principal.js';
import type { Config } from '../../config/config.js';
import { Log } from '../../logging/logger.js';
import { MemoryUploadSpool } from '../../storage/memory-upload-spool.js';
import { describeRegistry } from '../registry.contract.js';
import { UploadSessions } from '../upload-sessions.js';
import { LocalRegistry } from './local-registry.js';

const registry: Config['registry'] = {
  maxBlobBytes: 1024 ** 3,
  maxManifestBytes: 4 * 1024 * 1024,
  uploadsPerUser: 100,
  uploadsPerRobot: 100,
  uploadBytesPerUser: Number.POSITIVE_INFINITY,
  uploadBytes: Number.POSITIVE_INFINITY,
  diskReserveBytes: 0,
  uploadTtlMs: 3_600_000,
  deleteEnabled: true,
  sparseIndexes: false,
  layoutMirror: false,
  accelRedirect: undefined,
};
const log = Log.open({ level: 'fatal', format: 'json' });
/** No row of an account: what is pushed is nobody's. */
const by: Principal = { kind: 'user', id: 0, name: 'admin', role: 'admin' };

describeRegistry('the local one', async () => {
  const { images, store, database, changes, remove } = await temporaryImages();
  const spool = new MemoryUploadSpool();
  const uploads = new UploadSessions(database, changes, spool, { registry }, log, { has: async () => false });
  const reserve = { check: async () => undefined, write: <T>(_bytes: number, work: () => Promise<T>) => work() };
  return {
    registry: new LocalRegistry({ images, blobs: store, uploads, reserve }, by),
    close: async () => {
      const left = uploads.list({ subject: principalKey(by), limit: 100 }).items.map(({ id }) => id);
      for await (const { id } of spool.list()) left.push(id);
      await remove();
      return left;
    },
  };
});
