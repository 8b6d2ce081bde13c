import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../../database/epoch-milliseconds.js';

@Entity('robots')
export class RobotEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  namespace!: string;

  /** Whole: `namespace+name`. */
  @Column('text')
  name!: string;

  @Column('text')
  description!: string;

  @Column('boolean')
  enabled!: boolean;

  @Column('integer', { name: 'credential_version', default: 1 })
  credentialVersion!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;

  @Column('bigint', { name: 'expires_at', nullable: true, transformer: epochMilliseconds })
  expiresAt!: Date | null;
}
