import type { Database, PreparedRead } from '../../database/database.js';

const ofRobot = 'SELECT id AS "secretId", robot_id AS "robotId" FROM robot_secrets WHERE hash = ?';
const ofToken = 'SELECT id AS "tokenId" FROM access_tokens WHERE hash = ?';
export const secretQueries = [ofRobot, ofToken];

/** Finds the row of a secret by its SHA-256, in hex. Prepared: each request with a secret that is not remembered waits for it. */
export class SecretStore {
  readonly #ofRobot: PreparedRead<{ secretId: number; robotId: number }>;
  readonly #ofToken: PreparedRead<{ tokenId: number }>;

  constructor(database: Database) {
    this.#ofRobot = database.prepare(ofRobot);
    this.#ofToken = database.prepare(ofToken);
  }

  ofRobot(hash: string) {
    return this.#ofRobot.find(hash);
  }

  ofToken(hash: string) {
    return this.#ofToken.find(hash);
  }
}
