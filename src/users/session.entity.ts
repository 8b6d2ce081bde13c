import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';

@Entity('sessions')
export class SessionEntity {
  /** SHA-256 of the secret that the browser holds, in hex. */
  @PrimaryColumn('text')
  id!: string;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'last_seen_at', transformer: epochMilliseconds })
  lastSeenAt!: Date;

  @Column('bigint', { name: 'expires_at', transformer: epochMilliseconds })
  expiresAt!: Date;

  @Column('text')
  address!: string;

  @Column('text', { name: 'user_agent' })
  userAgent!: string;
}
