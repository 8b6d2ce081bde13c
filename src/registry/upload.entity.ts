import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/epoch-milliseconds.js';

/** An upload session that outlives the process: its bytes are in the spool, whose it is stands here. */
@Entity('uploads')
export class UploadEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  repository!: string;

  /** Subject of the identity that started it, `user:7`. */
  @Column('text')
  principal!: string;

  @Column('text')
  algorithm!: string;

  @Column('integer', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('integer', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;
}
