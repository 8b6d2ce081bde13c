import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

@Entity('refresh_tokens')
export class RefreshTokenEntity {
  /** SHA-256 of the secret, in hex. */
  @PrimaryColumn('text')
  id!: string;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  /** The registry it is for. */
  @Column('text')
  service!: string;

  /** The program that asked for it, as it called itself. */
  @Column('text', { name: 'client_id' })
  clientId!: string;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'last_used_at', transformer: epochMilliseconds })
  lastUsedAt!: Date;

  @Column('bigint', { name: 'expires_at', transformer: epochMilliseconds })
  expiresAt!: Date;

  /** Where it was asked for. */
  @Column('text')
  address!: string;

  @Column('text', { name: 'user_agent' })
  userAgent!: string;
}
