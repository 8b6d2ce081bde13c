import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';
import type { Digest } from '../oci/digest.js';

@Entity('manifests')
export class ManifestEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer', { name: 'repository_id' })
  repositoryId!: number;

  @Column('text')
  digest!: Digest;

  @Column('text', { name: 'media_type' })
  mediaType!: string;

  /** As a referrers list shows it: falls back to the media type of the config. */
  @Column('text', { name: 'artifact_type', nullable: true })
  artifactType!: string | null;

  @Column('text', { nullable: true })
  subject!: Digest | null;

  /** Of the bytes. */
  @Column('bigint')
  size!: number;

  /** With config and layers; of an index, what its children take together. */
  @Column('bigint', { name: 'total_size' })
  totalSize!: number;

  /** Separated by commas: `linux/amd64,linux/arm64/v8`. */
  @Column('text', { default: '' })
  platforms!: string;

  @Column('text', { name: 'config_digest', nullable: true })
  configDigest!: Digest | null;

  /** JSON. */
  @Column('text', { default: '{}' })
  annotations!: string;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('integer', { name: 'pushed_by', nullable: true })
  pushedBy!: number | null;

  /** Exactly as pushed. */
  @Column('blob')
  bytes!: Buffer;
}
