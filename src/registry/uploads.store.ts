import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { UploadEntity } from './upload.entity.js';

/** How many rows there are, each a query of one number to stand inside another. */
export const uploadCounts = { uploads: 'SELECT COUNT(*) FROM uploads' };

/** All rows of uploads, the oldest first. */
export function uploadRows({ read }: Pick<Database, 'read'>): Promise<UploadEntity[]> {
  return read.find(UploadEntity, { order: { createdAt: 'ASC' } });
}

export async function insertUpload(tx: EntityManager, row: UploadEntity): Promise<void> {
  await tx.insert(UploadEntity, row);
}

export async function deleteUpload(tx: EntityManager, id: string): Promise<void> {
  await tx.delete(UploadEntity, { id });
}
