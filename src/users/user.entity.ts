import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role } from '../access/principal.js';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';

@Entity('users')
export class UserEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  username!: string;

  @Column('text', { name: 'full_name', nullable: true })
  fullName!: string | null;

  @Column('text', { nullable: true })
  email!: string | null;

  @Column('text')
  role!: Role;

  @Column('boolean')
  enabled!: boolean;

  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  @Column('boolean', { name: 'must_change_password' })
  mustChangePassword!: boolean;

  @Column('integer', { name: 'credential_version', default: 1 })
  credentialVersion!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'last_sign_in_at', nullable: true, transformer: epochMilliseconds })
  lastSignInAt!: Date | null;
}
