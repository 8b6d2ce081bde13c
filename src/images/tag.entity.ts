import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';
import type { Tag } from '../oci/reference.js';

@Entity('tags')
export class TagEntity {
  @PrimaryColumn('integer', { name: 'repository_id' })
  repositoryId!: number;

  @PrimaryColumn('text')
  name!: Tag;

  @Column('integer', { name: 'manifest_id' })
  manifestId!: number;

  @Column('bigint', { name: 'pushed_at', transformer: epochMilliseconds })
  pushedAt!: Date;

  @Column('integer', { name: 'pushed_by', nullable: true })
  pushedBy!: number | null;
}
