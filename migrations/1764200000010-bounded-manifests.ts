import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a column of platforms takes now at most. */
const longest = 2080;
const largest = Number.MAX_SAFE_INTEGER;
const newest = 1000;

/** The first of them, up to a comma: what stands behind the last one was cut. */
const start = `SUBSTR(platforms, 1, ${longest})`;
const whole = `RTRIM(RTRIM(${start}, REPLACE(${start}, ',', '')), ',')`;

/**
 * What earlier programs derived from pushed manifests without a limit: platforms, sizes, and where tags have pointed. Lists read it
 * for every tag. One walk over each table; few rows or none are written.
 */
export class BoundedManifests1764200000010 implements MigrationInterface {
  /** Written out, because bundling may rename classes. */
  readonly name = 'BoundedManifests1764200000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE manifests SET platforms = ${whole} WHERE OCTET_LENGTH(platforms) > ${longest}`);
    await runner.query(`UPDATE manifests SET total_size = ${largest} WHERE total_size > ${largest}`);
    await runner.query(`DELETE FROM tag_moves WHERE EXISTS (SELECT 1 FROM tag_moves newer
      WHERE newer.repository_id = tag_moves.repository_id AND newer.tag = tag_moves.tag
        AND newer.number = tag_moves.number + ${newest})`);
  }

  /** What is gone is not missed: an earlier program reads these rows as its own. */
  async down(): Promise<void> {}
}
