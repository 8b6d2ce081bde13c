import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** How much there is. */
export interface Scale {
  readonly repositories: number;
  /** Of the repository with the image. */
  readonly tags: number;
  /** Of the image. */
  readonly referrers: number;
}

const namespaces = 50;
export const tagOf = (number: number): string => `v${String(number).padStart(6, '0')}`;
export const repositoryOf = (number: number): string =>
  `team${String(number % namespaces).padStart(2, '0')}/app${String(number).padStart(5, '0')}`;

/** Fills the database of a Berth that does not run: repositories, tags of the one image that was pushed, and manifests about it. */
export function fillWithImages(dataDir: string, { repositories, tags, referrers }: Scale): void {
  const database = new Sqlite(join(dataDir, 'berth.db'));
  const image = database
    .prepare<[], ImageRow>('SELECT id, repository_id AS "repositoryId", digest FROM manifests')
    .get();
  if (!image) throw new Error('push the image first');
  const addRepository = database.prepare(
    `INSERT INTO repositories (name, visibility, created_at, updated_at) VALUES (?, 'private', 0, 0)`,
  );
  const addTag = database.prepare('INSERT INTO tags (repository_id, name, manifest_id, pushed_at) VALUES (?, ?, ?, ?)');
  const addReferrer = database.prepare(`INSERT INTO manifests
    (repository_id, digest, media_type, artifact_type, subject, size, total_size, annotations, created_at, bytes)
    VALUES (?, ?, 'application/vnd.oci.image.manifest.v1+json', 'application/vnd.bench', ?, 2, 2, ?, 0, x'7b7d')`);
  const annotations = JSON.stringify({ 'org.opencontainers.image.description': 'x'.repeat(300) });
  database.transaction(() => {
    for (let n = 0; n < repositories; n++) addRepository.run(repositoryOf(n));
    for (let n = 0; n < tags; n++) addTag.run(image.repositoryId, tagOf(n), image.id, n);
    for (let n = 0; n < referrers; n++) {
      addReferrer.run(image.repositoryId, `sha256:${n.toString(16).padStart(64, '0')}`, image.digest, annotations);
    }
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

interface ImageRow {
  readonly id: number;
  readonly repositoryId: number;
  readonly digest: string;
}

/** The same repositories, and these tags of one, as docker-registry's lists find them: directories. */
export async function fillStore(store: string, repositories: number, tagged: string, tags: number): Promise<void> {
  const root = join(store, 'docker', 'registry', 'v2', 'repositories');
  for (let n = 0; n < repositories; n++) await mkdir(join(root, repositoryOf(n), '_layers'), { recursive: true });
  for (let n = 0; n < tags; n++) await mkdir(join(root, tagged, '_manifests', 'tags', tagOf(n)), { recursive: true });
}
