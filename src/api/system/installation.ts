import { stat, statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { programVersion } from '../../config/project-root.js';
import { DataDirectory } from '../../data-directory/data-directory.js';
import { Database } from '../../database/database.js';
import type { Seeker } from '../../database/seeker.js';
import { saturated } from '../../oci/saturated.js';
import { type CountedRows, countRows } from './row-counts.store.js';

/** What an administrator wants to know before asking somebody else. */
export interface InstallationInfo {
  readonly version: string;
  readonly node: string;
  /** `linux/x64` */
  readonly platform: string;
  readonly startedAt: Date;
  readonly uptimeSeconds: number;
  /** Of the process, as it is in memory. */
  readonly memoryBytes: number;
  readonly dataDirectory: {
    readonly path: string;
    /** Of the disk it is on; what this user may still write. */
    readonly freeBytes: number;
    readonly totalBytes: number;
    /** All blobs, also those that no repository has any more. */
    readonly blobBytes: number;
    /** With its log. */
    readonly databaseBytes: number;
  };
  readonly counts: Readonly<Record<CountedRows, number>>;
  readonly settings: {
    readonly publicUrl: string | null;
    readonly webEnabled: boolean;
    readonly deleteEnabled: boolean;
    readonly sparseIndexes: boolean;
    /** Null: as large as the disk. */
    readonly maxBlobBytes: number | null;
    readonly maxManifestBytes: number;
    readonly tokenSeconds: number;
    readonly sessionIdleSeconds: number;
    readonly sessionLifeSeconds: number;
    readonly auditDays: number;
    readonly trustedProxies: readonly string[];
  };
}

/** This installation, as it is now. Nothing in it is secret. */
@Injectable()
export class Installation {
  constructor(
    private readonly database: Database,
    private readonly directory: DataDirectory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async describe(by: Seeker): Promise<InstallationInfo> {
    const [disk, databaseBytes, { blobBytes, ...counts }] = await Promise.all([
      statfs(this.directory.path),
      this.#databaseBytes(),
      countRows(this.database, by),
    ]);
    return {
      version: programVersion(),
      node: process.version,
      platform: `${process.platform}/${process.arch}`,
      startedAt: new Date(performance.timeOrigin),
      uptimeSeconds: Math.floor(process.uptime()),
      memoryBytes: process.memoryUsage.rss(),
      dataDirectory: {
        path: this.directory.path,
        freeBytes: disk.bavail * disk.bsize,
        totalBytes: disk.blocks * disk.bsize,
        blobBytes: saturated(blobBytes),
        databaseBytes,
      },
      counts,
      settings: shownSettings(this.config),
    };
  }

  async #databaseBytes(): Promise<number> {
    const files = await Promise.all(['berth.db', 'berth.db-wal'].map((name) => stat(this.directory.file(name))));
    return files.reduce((total, { size }) => total + size, 0);
  }
}

/** By name, so that a secret among the settings can only be shown by somebody who writes it down here. */
function shownSettings({
  publicUrl,
  webEnabled,
  registry,
  token,
  session,
  audit,
  trustedProxies,
}: Config): InstallationInfo['settings'] {
  return {
    publicUrl: publicUrl?.origin ?? null,
    webEnabled,
    deleteEnabled: registry.deleteEnabled,
    sparseIndexes: registry.sparseIndexes,
    maxBlobBytes: registry.maxBlobBytes ?? null,
    maxManifestBytes: registry.maxManifestBytes,
    tokenSeconds: token.seconds,
    sessionIdleSeconds: session.idleMs / 1000,
    sessionLifeSeconds: session.lifeMs / 1000,
    auditDays: audit.days,
    trustedProxies,
  };
}
