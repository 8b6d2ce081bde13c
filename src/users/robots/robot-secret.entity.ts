import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

@Entity('robot_secrets')
export class RobotSecretEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer', { name: 'robot_id' })
  robotId!: number;

  /** SHA-256 of the secret, in hex. */
  @Column('text')
  hash!: string;

  /** The last characters of the secret. */
  @Column('text')
  hint!: string;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: epochMilliseconds })
  expiresAt!: Date | null;

  @Column('bigint', { name: 'last_used_at', nullable: true, transformer: epochMilliseconds })
  lastUsedAt!: Date | null;

  @Column('text', { name: 'last_used_address', nullable: true })
  lastUsedAddress!: string | null;
}
