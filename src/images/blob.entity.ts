import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';
import type { Digest } from '../oci/digest.js';

/** Content that is in the blob store, complete. */
@Entity('blobs')
export class BlobEntity {
  @PrimaryColumn('text')
  digest!: Digest;

  @Column('bigint')
  size!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
