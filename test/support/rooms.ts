/**
 * The rooms of src/, who may import whom, and whose which table is (docs/architecture.md, "Direction" and "Tables have owners").
 * Kernel ← base ← domain ← edge; an arrow may skip a layer and never turns round.
 * The first list of a room names the rooms of its own layer that it may import, then come its tables and its views.
 */
export const layers = ['kernel', 'base', 'domain', 'edge'] as const;
export type Layer = (typeof layers)[number];

export interface Room {
  readonly layer: Layer;
  readonly sameLayer: readonly string[] | 'all';
  /** Tables that only statements of this room name. Every table of the schema has one owner. */
  readonly tables: readonly string[];
  /** Views over them, for the statements of other rooms. */
  readonly views: readonly string[];
}

const kernel: Room = { layer: 'kernel', sameLayer: 'all', tables: [], views: [] };
const edge = (sameLayer: string[]): Room => ({ layer: 'edge', sameLayer, tables: [], views: [] });
const base = (sameLayer: string[], tables: string[] = []): Room => ({ layer: 'base', sameLayer, tables, views: [] });
const domain = (sameLayer: string[], tables: string[] = [], views: string[] = []): Room => ({
  layer: 'domain',
  sameLayer,
  tables,
  views,
});
const accounts = ['users', 'groups', 'group_members', 'robots', 'robot_secrets'];
const credentials = ['access_tokens', 'refresh_tokens', 'sessions'];
const contents = ['blobs', 'blob_links', 'manifests', 'manifest_references', 'tags', 'tag_moves'];

export const rooms: Readonly<Record<string, Room>> = {
  oci: kernel,
  access: kernel,
  errors: kernel,
  config: kernel,
  text: kernel,
  async: kernel,
  wiring: base([]),
  'data-directory': base([]),
  logging: base([]),
  languages: base(['wiring']),
  database: base(['data-directory'], ['migrations']),
  storage: base(['data-directory', 'wiring']),
  jobs: base(['database', 'logging'], ['jobs', 'job_lines']),
  audit: base(['database', 'jobs', 'logging', 'wiring'], ['audit_events']),
  changes: base(['audit', 'data-directory', 'database', 'logging'], ['changes', 'consumers', 'parked_changes']),
  users: domain([], [...accounts, ...credentials], ['user_names', 'group_names', 'robot_names', 'memberships']),
  repositories: domain(['users'], ['repositories', 'removed_repositories'], ['repository_list']),
  permissions: domain(['repositories', 'users'], ['grants']),
  images: domain(['repositories'], contents),
  integrity: domain([]),
  layout: domain(['images', 'repositories']),
  auth: domain(['users', 'permissions']),
  registry: domain(['repositories', 'auth', 'images'], ['uploads']),
  http: edge([]),
  distribution: edge(['http']),
  realm: edge(['http']),
  api: edge(['http']),
  web: edge(['http']),
  health: edge(['http']),
  connections: edge(['http', 'distribution']),
  cli: edge([]),
};

/** Packages a kernel room does without, so that its specs start in a fraction of a second. */
export const frameworks = ['@nestjs/', 'typeorm', 'express', 'pino'];

/** What speaks HTTP: below the edge nobody imports it. */
export const transports = [
  'node:http',
  'node:https',
  'node:http2',
  'express',
  'passport',
  'passport-jwt',
  'cookie-parser',
  'csrf-sync',
  'helmet',
  '@nestjs/core',
  '@nestjs/passport',
  '@nestjs/platform-express',
];

/** Who speaks to other servers, and by what: the one exception, because nobody is served there. */
export const clients: Readonly<Record<string, readonly string[]>> = {
  'registry/remote': ['node:http', 'node:https'],
};

/** What rooms below the edge take of `@nestjs/common`: their modules name it, their classes only implement its types. */
export const container = [
  'Abstract',
  'FactoryProvider',
  'Global',
  'LoggerService',
  'Module',
  'OnApplicationBootstrap',
  'OnApplicationShutdown',
  'OnModuleDestroy',
  'OnModuleInit',
];

/** Whether a file of room `from` may import a file of room `to`. */
export function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const source = rooms[from];
  const target = rooms[to];
  if (!source || !target) return false;
  const distance = layers.indexOf(source.layer) - layers.indexOf(target.layer);
  if (distance > 0) return true;
  return distance === 0 && (source.sameLayer === 'all' || source.sameLayer.includes(to));
}

/** What is wrong with one import of a file in src/, in one sentence, or undefined. Both paths are relative to src/. */
export function importViolation(file: string, imported: string): string | undefined {
  const [from, ...inside] = file.split('/');
  if (from === undefined || inside.length === 0) return undefined; // main.ts, app.ts, app.module.ts: the composition root
  if (!imported.startsWith('.')) {
    const framework = rooms[from]?.layer === 'kernel' && frameworks.find((name) => imported.startsWith(name));
    if (framework) return `${file} is kernel and imports the framework ${imported}`;
    const folder = file.split('/').slice(0, -1).join('/');
    const isTransport =
      transports.includes(imported) && rooms[from]?.layer !== 'edge' && !clients[folder]?.includes(imported);
    return isTransport ? `${file} is below the edge and imports ${imported}` : undefined;
  }
  const path = new URL(imported, `file:///src/${file}`).pathname.replace('/src/', '');
  if (path.startsWith('/test/support/') && /\.(spec|contract)\.ts$/.test(file)) return undefined;
  const [to, ...rest] = path.split('/');
  if (to === undefined || path.startsWith('/migrations/') || path.startsWith('/'))
    return from === 'database' ? undefined : `${file} leaves src/ by ${imported}`;
  if (rest.length === 0) return `${file} imports the composition root (${imported})`;
  return mayImport(from, to) ? undefined : `${file} imports ${to}/, which ${from}/ may not (${imported})`;
}

const injection = ['Inject', 'Injectable'];
const plainClass = 'Below the edge a class is plain; its module makes it (src/wiring/made.ts).';

/** The `overrides` of biome.json that say the same to the editor and to `biome check`. */
export function biomeOverrides(): unknown[] {
  const root = ['**/main.js', '**/app.js', '**/app.module.js'];
  const override = (folder: string, name: string, room: Room, transportsHere: readonly string[]) => {
    const forbidden = Object.keys(rooms).filter((other) => !mayImport(name, other));
    const group = [...forbidden.map((other) => `**/${other}/**`), ...root];
    if (room.layer === 'kernel') group.push('@nestjs/**', 'typeorm', 'pino');
    if (room.layer !== 'edge') group.push(...transportsHere);
    const message = `${name}/ is ${room.layer}: see "Direction" in docs/architecture.md.`;
    const options = {
      patterns: [{ group, message }],
      ...(room.layer !== 'edge' && { paths: { '@nestjs/common': { importNames: injection, message: plainClass } } }),
    };
    return {
      includes: [`src/${folder}/**`],
      linter: { rules: { style: { noRestrictedImports: { level: 'error', options } } } },
    };
  };
  return [
    ...Object.entries(rooms).map(([name, room]) => override(name, name, room, transports)),
    // Later ones count.
    ...Object.entries(clients).flatMap(([folder, allowed]) => {
      const name = folder.split('/')[0] ?? '';
      const room = rooms[name];
      return room
        ? [
            override(
              folder,
              name,
              room,
              transports.filter((one) => !allowed.includes(one)),
            ),
          ]
        : [];
    }),
  ];
}
