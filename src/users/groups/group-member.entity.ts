import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

@Entity('group_members')
export class GroupMemberEntity {
  @PrimaryColumn('integer', { name: 'group_id' })
  groupId!: number;

  @PrimaryColumn('integer', { name: 'user_id' })
  userId!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
