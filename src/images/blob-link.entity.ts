import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';
import type { Digest } from '../oci/digest.js';

/** A blob can be pulled from this repository. */
@Entity('blob_links')
export class BlobLinkEntity {
  @PrimaryColumn('integer', { name: 'repository_id' })
  repositoryId!: number;

  @PrimaryColumn('text')
  digest!: Digest;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
