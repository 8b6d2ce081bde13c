import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Digest } from '../oci/digest.js';

export type ReferenceKind = 'config' | 'layer' | 'manifest';

/** A manifest needs this content: a blob or another manifest of its repository. */
@Entity('manifest_references')
export class ManifestReferenceEntity {
  @PrimaryColumn('integer', { name: 'manifest_id' })
  manifestId!: number;

  @PrimaryColumn('text')
  digest!: Digest;

  @Column('text')
  kind!: ReferenceKind;
}
