import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { routePolicyOf } from '../src/access/route-policy.js';
import { realmRoutes } from '../src/auth/realm/realm-routes.js';
import { dataPlaneRoutes } from '../src/distribution/routes.js';
import { biomeOverrides, importViolation, rooms } from './support/rooms.js';

const root = join(import.meta.dirname, '..');
const typeScriptBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const files = typeScriptBelow('src');
const text = (file: string): string => readFileSync(join(root, 'src', file), 'utf8');
const violations = (file: string, source: string): string[] =>
  ts
    .preProcessFile(source, true, true)
    .importedFiles.map((imported) => importViolation(file, imported.fileName))
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
    ['web/page.ts', "import { createApp } from '../app.js';"],
    ['newroom/thing.ts', "import { Users } from '../users/users.js';"],
    ['users/users.ts', "import { outcomeOf } from '../../test/support/outcome.js';"],
  ])('a planted violation in %s is named', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  test('every folder of src/ is a room of the table, and the other way round', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(rooms).sort());
  });

  test('biome.json carries the same table', () => {
    const biome = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as { overrides: unknown[] };
    expect(biome.overrides).toEqual(biomeOverrides());
  });
});

describe('routes', () => {
  const controllers = files.filter((file) => file.endsWith('.controller.ts'));

  test('there are controllers to look at', () => expect(controllers.length).toBeGreaterThan(3));

  test.each(controllers)('every route of %s states its policy', async (file) => {
    const module = (await import(pathToFileURL(join(root, 'src', file)).href)) as Record<string, unknown>;
    const missing = Object.values(module)
      .filter((value): value is { new (): unknown; prototype: object } => typeof value === 'function')
      .filter((controller) => Reflect.hasMetadata('path', controller))
      .flatMap((controller) =>
        Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
          .filter(([, { value }]) => typeof value === 'function' && Reflect.hasMetadata('method', value))
          .filter(([, { value }]) => routePolicyOf(value, controller) === undefined)
          .map(([name]) => `${controller.name}.${name}`),
      );
    expect(missing).toEqual([]);
  });

  test('every route of the realm states its policy', () => {
    expect(realmRoutes.length).toBeGreaterThan(1);
    expect(realmRoutes.filter(({ policy }) => policy === undefined)).toEqual([]);
  });

  test('every data plane route states the actions it needs', () => {
    expect(dataPlaneRoutes.length).toBeGreaterThan(10);
    expect(dataPlaneRoutes.filter((route) => !Array.isArray(route.actions))).toEqual([]);
  });
});

describe('house rules', () => {
  const product = files.filter((file) => !file.endsWith('.spec.ts') && !file.endsWith('.contract.ts'));

  test('only config/ reads the environment', () => {
    const readers = product.filter((file) => !file.startsWith('config/') && file !== 'main.ts');
    expect(readers.filter((file) => text(file).includes('process.env'))).toEqual([]);
  });

  test('nothing below the edge knows a transport exception', () => {
    const below = product.filter((file) =>
      ['kernel', 'base', 'domain'].includes(rooms[file.split('/')[0] ?? '']?.layer ?? ''),
    );
    expect(below.filter((file) => text(file).includes('HttpException'))).toEqual([]);
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
});
