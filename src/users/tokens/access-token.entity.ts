import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Action } from '../../access/action.js';
import type { Pattern } from '../../access/pattern.js';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

/** What a token may do at most, where its pattern covers the name. */
export interface TokenScope {
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
}

@Entity('access_tokens')
export class AccessTokenEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  @Column('text')
  name!: string;

  /** SHA-256 of the secret, in hex. */
  @Column('text')
  hash!: string;

  /** The last characters of the secret. */
  @Column('text')
  hint!: string;

  @Column('simple-json')
  scopes!: readonly TokenScope[];

  @Column('integer', { name: 'credential_version', default: 1 })
  credentialVersion!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: epochMilliseconds })
  expiresAt!: Date | null;

  @Column('bigint', { name: 'last_used_at', nullable: true, transformer: epochMilliseconds })
  lastUsedAt!: Date | null;

  @Column('text', { name: 'last_used_address', nullable: true })
  lastUsedAddress!: string | null;
}
