import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { routePolicyOf } from '../src/access/route-policy.js';
import type { DataPlaneRoute } from '../src/distribution/route.js';
import { dataPlaneRoutes } from '../src/distribution/routes.js';
import { registryRows, repositoryRows } from '../src/distribution/row.js';
import { digest } from '../src/distribution/targets.js';
import { isController, nestRoutesOf } from '../src/http/nest-routes.js';
import { realmRoutes } from '../src/realm/realm-routes.js';
import { circles, imports, importsOf, nestViolations } from './support/imports.js';
import { biomeOverrides, importViolation, rooms } from './support/rooms.js';
import { ownedTables, publishedViews, sqlViolations } from './support/table-owners.js';
import { temporaryDatabase } from './support/temporary-database.js';

const root = join(import.meta.dirname, '..');
const typeScriptBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const files = typeScriptBelow('src');
const text = (file: string): string => readFileSync(join(root, 'src', file), 'utf8');
const violations = (file: string, source: string): string[] =>
  importsOf(source)
    .map((imported) => importViolation(file, imported))
    .filter((violation) => violation !== undefined);

describe('direction', () => {
  test('every import follows kernel ← base ← domain ← edge', () => {
    expect(files.flatMap((file) => violations(file, text(file)))).toEqual([]);
  });

  test.each([
    ['oci/digest.ts', "import { Users } from '../users/users.js';"],
    ['oci/digest.ts', "import { Injectable } from '@nestjs/common';"],
    ['storage/disk.ts', "import { Images } from '../images/images.js';"],
    ['users/users.ts', "export { Permissions } from '../permissions/permissions.js';"],
    ['images/images.ts', "const auth = await import('../auth/registry-auth.js');"],
    ['registry/sessions.ts', "import { page } from '../web/page.js';"],
    ['data-directory/lock-file.ts', "import { sqliteCode } from '../database/sqlite-error.js';"],
    ['auth/session.ts', "import type { Request } from 'express';"],
    ['registry/upload-sessions.ts', "import { request } from 'node:http';"],
    ['registry/remote/wire.ts', "import type { Request } from 'express';"],
    ['images/images.ts', "import type { IncomingMessage } from 'node:http';"],
    ['auth/auth.module.ts', "import { APP_GUARD } from '@nestjs/core';"],
    ['web/page.ts', "import { presentUser } from '../api/users/present-user.js';"],
    ['web/page.ts', "import { createApp } from '../app.js';"],
    ['newroom/thing.ts', "import { Users } from '../users/users.js';"],
    ['users/users.ts', "import { outcomeOf } from '../../test/support/outcome.js';"],
  ])('a planted violation in %s is named', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  test('below the edge Nest is a container and nothing else', () => {
    expect(files.flatMap((file) => nestViolations(file, text(file)))).toEqual([]);
  });

  test.each([
    "import { Controller, Module } from '@nestjs/common';",
    "import { Injectable } from '@nestjs/common';",
    "import type { HttpException } from '@nestjs/common';",
  ])('planted in auth/ is named: %s', (source) => {
    expect(nestViolations('auth/keys.ts', source)).toHaveLength(1);
    expect(nestViolations('realm/keys.ts', source)).toEqual([]);
  });

  test('no file imports itself by way of others, not even types', () => {
    expect(circles(new Map(files.map((file) => [file, imports(file, text(file))])))).toEqual([]);
  });

  test('no room below the edge imports itself by way of others', () => {
    const between = new Map<string, string[]>();
    for (const file of files.filter((name) => name.includes('/') && !name.endsWith('.spec.ts'))) {
      const [room = ''] = file.split('/');
      const others = imports(file, text(file)).map((imported) => imported.split('/')[0] ?? '');
      if (rooms[room]?.layer !== 'edge')
        between.set(room, [...(between.get(room) ?? []), ...others.filter((other) => other !== room)]);
    }
    expect(circles(between)).toEqual([]);
  });

  test('a planted circle is named', () => {
    const planted = new Map([
      ['images/a.ts', imports('images/a.ts', "import type { B } from './b.js';")],
      ['images/b.ts', imports('images/b.ts', "export { c } from '../layout/c.js';")],
      ['layout/c.ts', imports('layout/c.ts', "const { a } = await import('../images/a.js'); import './d.js';")],
      ['layout/d.ts', []],
    ]);
    expect(circles(planted)).toEqual([['images/a.ts', 'images/b.ts', 'layout/c.ts']]);
  });

  test('every folder of src/ is a room of the table, and the other way round', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(rooms).sort());
  });

  // When this fails, run `npm run build && node scripts/write-tables.mjs`.
  test('biome.json carries the same table', () => {
    const biome = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as { overrides: unknown[] };
    expect(biome.overrides).toEqual(biomeOverrides());
  });
});

describe('tables', () => {
  const product = files.filter((file) => !/\.(spec|contract)\.ts$/.test(file));

  test('every table and view of the schema has one owner', async () => {
    const { database, remove } = await temporaryDatabase({ entities: [] });
    const made = await database.read.query<{ name: string; type: string; sql: string }[]>(
      `SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    );
    await remove();
    const names = (type: string) => made.filter((one) => one.type === type).map(({ name }) => name);
    expect([...ownedTables].sort()).toEqual(names('table'));
    expect([...publishedViews].sort()).toEqual(names('view'));
    expect(made.filter(({ sql }) => /COLLATE/i.test(sql))).toEqual([]); // text sorts by its bytes
  });

  test('every entity is a row of a table of its room', () => {
    const entities = product.filter((file) => file.endsWith('.entity.ts'));
    const strays = entities.filter((file) => {
      const [, table = ''] = /@Entity\('(\w+)'\)/.exec(text(file)) ?? [];
      return !rooms[file.split('/')[0] ?? '']?.tables.includes(table);
    });
    expect(entities.length).toBeGreaterThan(10);
    expect(strays).toEqual([]);
  });

  test('statements stand in stores, name tables of their room, and no word of one database', () => {
    expect(product.flatMap((file) => sqlViolations(file, text(file)))).toEqual([]);
  });

  test.each([
    ['images/x.store.ts', 'const sql = `SELECT username FROM users WHERE id = ?`;', 'names users'],
    ['images/x.store.ts', 'tx.sql`SELECT 1 FROM tags t JOIN "groups" g ON g.id = t.id`;', 'names groups'],
    ['images/x.store.ts', "const sql = 'SELECT 1 FROM tags t, users u';", 'names users'],
    ['images/x.store.ts', 'const sql = `UPDATE repositories SET name = ?`;', 'names repositories'],
    ['images/x.store.ts', "const sql = 'DELETE FROM grants';", 'names grants'],
    ['images/x.store.ts', "const sql = 'INSERT INTO audit_events (at) VALUES (?)';", 'names audit_events'],
    ['images/x.store.ts', "const sql = 'SELECT 1 FROM tags WHERE EXISTS (SELECT 1 FROM users)';", 'names users'],
    ['images/x.store.ts', "const sql = 'select username from users';", 'names users'],
    ['images/x.store.ts', "clearReferences(tx, 'users', id);", 'names users'],
    ['images/x.store.ts', "import { UserEntity } from '../users/user.entity.js';", 'names UserEntity'],
    ['integrity/x.store.ts', "inspection.prepare('SELECT 1 FROM manifests');", 'names manifests'],
    ['users/x.ts', "import { UserEntity } from './user.entity.js';", 'is no store'],
    ['users/x.ts', 'const condition = `name > ?`;', 'is no store'],
    ['users/x.ts', 'await tx.sql`SELECT 1`;', 'is no store'],
    ['users/x.ts', 'const read = database.prepare(text);', 'is no store'],
    ['users/x.ts', 'await this.database.search(text, values);', 'is no store'],
    ['users/x.ts', 'await database.read.find(Row);', 'is no store'],
    ['users/x.ts', 'await database.write((t) => t.save(row));', 'is no store'],
    ['users/x.ts', 'const save = (manager: EntityManager) => manager.save(row);', 'is no store'],
    ['users/x.ts', 'await runner.query(text);', 'is no store'],
    ['users/x.store.ts', 'await tx.query(text, values);', 'asks by query'],
    ['users/x.store.ts', 'const sql = `SELECT value FROM json_each(?)`;', 'says json_each'],
    ['users/x.store.ts', 'const sql = `SELECT 1 FROM users a CROSS JOIN users b`;', 'says CROSS JOIN'],
    ['users/x.store.ts', "const sql = 'SELECT 1 FROM users ORDER BY name COLLATE NOCASE';", 'says COLLATE'],
    ['users/x.store.ts', "import { sqliteCode } from '../database/error.js';", 'says sqliteCode'],
    ['cli/x.ts', "import Sqlite from 'better-sqlite3';", 'says sqlite'],
  ])('a planted statement in %s is named: %s', (file, source, violation) => {
    expect(sqlViolations(file, source)).toContainEqual(expect.stringContaining(violation));
  });

  test.each([
    ['users/x.store.ts', 'await tx.sql`SELECT username FROM users WHERE id = 1`;'],
    ['users/x.store.ts', "import { UserEntity } from './user.entity.js';\nawait tx.find(UserEntity);"],
    ['users/x.ts', "import type { UserEntity } from './user.entity.js';\n/** SELECT 1 FROM grants */"],
    ['users/x.ts', 'await this.store.insert(tx, user);\nthrow new Error(`no account of that name`);'],
    ['integrity/index.store.ts', "inspection.prepare('SELECT 1 FROM manifests');"],
  ])('what is right in %s is left alone: %s', (file, source) => expect(sqlViolations(file, source)).toEqual([]));
});

describe('routes', () => {
  const controllers = files.filter((file) => file.endsWith('.controller.ts'));

  test('there are controllers to look at', () => expect(controllers.length).toBeGreaterThan(3));

  test.each(controllers)('every route of %s states its policy', async (file) => {
    const module = (await import(pathToFileURL(join(root, 'src', file)).href)) as Record<string, unknown>;
    const missing = Object.values(module)
      .filter(isController)
      .flatMap((controller) =>
        nestRoutesOf(controller)
          .filter(({ target }) => routePolicyOf(target, controller) === undefined)
          .map(({ handler }) => `${controller.name}.${handler}`),
      );
    expect(missing).toEqual([]);
  });

  test('every route of the realm states its policy', () => {
    expect(realmRoutes.length).toBeGreaterThan(1);
    expect(realmRoutes.filter(({ policy }) => policy === undefined)).toEqual([]);
  });

  const withoutPolicy = (routes: readonly DataPlaneRoute[]): string[] =>
    routes
      .filter(({ path, actions, scope }) => (path.includes('<name>') ? !actions?.length : scope === undefined))
      .map(({ method, path }) => `${method} ${path}`);

  test('every data plane route states the actions or the scope it needs', () => {
    expect(dataPlaneRoutes.length).toBeGreaterThan(10);
    expect(withoutPolicy(dataPlaneRoutes)).toEqual([]);
  });

  test('a data plane route without policy does not compile, and is named', () => {
    const handle = () => undefined;
    const planted = [
      // @ts-expect-error what it needs is missing
      registryRows(['GET'], '/v2/_planted', { handle }),
      // @ts-expect-error what it needs is missing
      repositoryRows(['GET'], '/v2/<name>/planted/<digest>', { target: digest, handle }),
      // @ts-expect-error it needs nothing
      repositoryRows(['PUT'], '/v2/<name>/planted/<digest>', { needs: [], target: digest, handle }),
      repositoryRows(['HEAD'], '/v2/<name>/planted/<digest>', { needs: ['pull'], target: digest, handle }),
    ];
    expect(withoutPolicy(planted.flat())).toEqual([
      'GET /v2/_planted',
      'GET /v2/<name>/planted/<digest>',
      'PUT /v2/<name>/planted/<digest>',
    ]);
  });
});

describe('house rules', () => {
  const product = files.filter((file) => !file.endsWith('.spec.ts') && !file.endsWith('.contract.ts'));

  test('only config/ reads the environment', () => {
    const readers = product.filter((file) => !file.startsWith('config/') && file !== 'main.ts');
    expect(readers.filter((file) => text(file).includes('process.env'))).toEqual([]);
  });

  test('one file knows where Nest keeps what its decorators say', () => {
    const readers = product.filter((file) => /@nestjs\/common\/|Reflect\.(get|has)Metadata\(['"]/.test(text(file)));
    expect(readers).toEqual(['http/nest-routes.ts']);
  });

  test('no barrel, no grab bag', () => {
    expect(files.filter((file) => /(^|\/)(index\.ts$|(utils?|helpers?|common|shared)\/)/.test(file))).toEqual([]);
  });

  test('no file of the program, its tests and its benchmarks is longer than 300 lines', () => {
    const sources = ['src', 'test', 'bench'].flatMap((folder) =>
      typeScriptBelow(folder).map((file) => join(folder, file)),
    );
    const lines = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    expect(sources.length).toBeGreaterThan(files.length);
    expect(sources.filter((file) => lines(file) > 300)).toEqual([]);
  });

  const wideLines = (name: string, view: string): string[] =>
    view.split('\n').flatMap((line, at) => ([...line].length > 120 ? [`${name}:${at + 1}`] : []));

  test('no line of a view is wider than 120 columns', () => {
    const views = readdirSync(join(root, 'views'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.hbs'),
    );
    expect(views.length).toBeGreaterThan(30);
    expect(views.flatMap((name) => wideLines(name, readFileSync(join(root, 'views', name), 'utf8')))).toEqual([]);
  });

  test('a planted wide line is named', () => {
    expect(wideLines('a.hbs', `${'水'.repeat(120)}\n${'b'.repeat(121)}\n`)).toEqual(['a.hbs:2']);
  });
});
