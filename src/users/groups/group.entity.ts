import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

@Entity('groups')
export class GroupEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  name!: string;

  @Column('text')
  description!: string;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;
}
