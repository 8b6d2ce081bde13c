import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../../src/config/project-root.js';
import { dataPlaneRoutes } from '../../../src/distribution/routes.js';
import { type Controller, isController, nestRoutesOf } from '../../../src/http/nest-routes.js';
import { realmRoutes } from '../../../src/realm/realm-routes.js';

/** Where credentials are taken in different ways. */
export type Surface = 'registry' | 'realm' | 'api' | 'page';

export interface Route {
  readonly method: string;
  /** As the table writes it: `/api/v1/users/{username}`. */
  readonly path: string;
  readonly surface: Surface;
  /** Whether the repository that the path names decides, so that its visibility matters. */
  readonly ofRepository: boolean;
}

/** Everything the program answers: the tables of the data plane and the realm, and what the controllers tell Nest. */
export async function allRoutes(): Promise<Route[]> {
  const source = join(projectRoot(), 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.controller.ts'),
  );
  const controllers: Controller[] = [];
  for (const file of files) {
    const module = (await import(pathToFileURL(join(source, file)).href)) as object;
    controllers.push(...Object.values(module).filter(isController));
  }
  const served = [...dataPlaneRoutes, ...realmRoutes, ...controllers.flatMap(nestRoutesOf)];
  return served.map(({ method, path }) => {
    const text = path.replaceAll(/<(\w+)>/g, '{$1}');
    return { method, path: text, surface: surfaceOf(text), ofRepository: /\/(repositories|r|v2)\/\{name\}/.test(text) };
  });
}

function surfaceOf(path: string): Surface {
  if (path.startsWith('/v2/') || path.startsWith('/v1/')) return 'registry';
  if (path === '/token') return 'realm';
  return path.startsWith('/api/') ? 'api' : 'page';
}
