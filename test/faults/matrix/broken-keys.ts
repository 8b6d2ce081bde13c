import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBerth } from '../../support/berth.js';
import { refusedStart } from '../../support/refusal.js';
import type { Fault } from './fault.js';

/** Ways to spoil a data directory or its settings; each answers the variables to start with. */
const spoilt: Readonly<Record<string, (dataDir: string) => Promise<Record<string, string>>>> = {
  'empty secret': async (dataDir) => {
    await writeFile(join(dataDir, 'secret.key'), '');
    return {};
  },
  'secret that others may read': async (dataDir) => {
    await chmod(join(dataDir, 'secret.key'), 0o644);
    return {};
  },
  'short secret in the settings': async () => ({ BERTH_SECRET_KEY: 'short' }),
  'empty keys': async (dataDir) => {
    for (const name of await readdir(join(dataDir, 'keys'))) await writeFile(join(dataDir, 'keys', name), '');
    return {};
  },
  'truncated keys and certificates': async (dataDir) => {
    for (const name of await readdir(join(dataDir, 'keys'))) {
      const file = join(dataDir, 'keys', name);
      await truncate(file, (await readFile(file)).length >> 1);
    }
    return {};
  },
  'truncated certificate of the CA': async (dataDir) => {
    const file = join(dataDir, 'keys', 'ca.pem');
    await truncate(file, (await readFile(file)).length >> 1);
    return {};
  },
  'truncated TLS certificate': async (dataDir) => {
    const file = join(dataDir, 'cut.pem');
    await writeFile(file, '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n', { mode: 0o600 });
    return { BERTH_TLS_CERT: file, BERTH_TLS_KEY: file };
  },
  'database that is none': async (dataDir) => {
    await writeFile(join(dataDir, 'berth.db'), 'this is no database, and long enough to be looked at as one');
    return {};
  },
  'broken settings file': async (dataDir) => {
    await writeFile(join(dataDir, 'berth.yaml'), 'port: [5000\n');
    return { BERTH_CONFIG: join(dataDir, 'berth.yaml') };
  },
  'port that is none': async () => ({ BERTH_PORT: 'five thousand' }),
  'TLS key without certificate': async (dataDir) => ({ BERTH_TLS_KEY: join(dataDir, 'secret.key') }),
};

export const brokenKeys: Fault = {
  id: 'F34',
  title: 'corrupt keys and settings',
  tools: [],
  async run() {
    const base = await mkdtemp(join(tmpdir(), 'berth-keys-'));
    const berth = await startBerth({ dataDir: base });
    assert.equal(await berth.stop(), 0);
    let slowest = 0;
    for (const [name, spoil] of Object.entries(spoilt)) {
      const dataDir = await mkdtemp(join(tmpdir(), 'berth-spoilt-'));
      await cp(base, dataDir, { recursive: true });
      const settings = await spoil(dataDir);
      const { code, said, milliseconds } = await refusedStart({ BERTH_DATA_DIR: dataDir, ...settings });
      assert.ok(code > 0, `${name}: it started`);
      assert.doesNotMatch(said, /^\s+at |node:/m, name);
      slowest = Math.max(slowest, milliseconds);
      await rm(dataDir, { recursive: true });
    }
    await rm(base, { recursive: true });
    return `${Object.keys(spoilt).length} of ${Object.keys(spoilt).length} starts refused, the slowest after ${(slowest / 1000).toFixed(1)} s`;
  },
};
