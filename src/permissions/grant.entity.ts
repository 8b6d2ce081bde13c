import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Pattern } from '../access/pattern.js';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';

@Entity('grants')
export class GrantEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  /** A grant belongs to a user, a group or a robot: exactly one of the three is there. */
  @Column('integer', { name: 'user_id', nullable: true })
  userId!: number | null;

  @Column('integer', { name: 'group_id', nullable: true })
  groupId!: number | null;

  @Column('integer', { name: 'robot_id', nullable: true })
  robotId!: number | null;

  @Column('text')
  pattern!: Pattern;

  /** What all names below a wildcard start with; null for an exact pattern. */
  @Column('text', { nullable: true })
  prefix!: string | null;

  @Column('boolean', { name: 'can_pull' })
  canPull!: boolean;

  @Column('boolean', { name: 'can_push' })
  canPush!: boolean;

  @Column('boolean', { name: 'can_delete' })
  canDelete!: boolean;

  @Column('boolean', { name: 'can_manage' })
  canManage!: boolean;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('integer', { name: 'created_by', nullable: true })
  createdBy!: number | null;
}
