import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Visibility } from '../access/visibility.js';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';
import type { RepositoryName } from '../oci/repository-name.js';

@Entity('repositories')
export class RepositoryEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  name!: RepositoryName;

  @Column('text')
  visibility!: Visibility;

  @Column('text', { default: '' })
  description!: string;

  @Column('integer', { name: 'owner_id', nullable: true })
  ownerId!: number | null;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;

  @Column('bigint', { name: 'pushed_at', nullable: true, transformer: epochMilliseconds })
  pushedAt!: Date | null;
}
