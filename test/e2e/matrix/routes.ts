import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RequestMethod } from '@nestjs/common';
import { projectRoot } from '../../../src/config/project-root.js';
import { dataPlaneRoutes } from '../../../src/distribution/routes.js';
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

type Controller = { new (): unknown; readonly prototype: object };

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
  const served = [...dataPlaneRoutes, ...realmRoutes, ...controllers.flatMap(routesOf)];
  return served.map(({ method, path }) => {
    const text = path.replaceAll(/<(\w+)>/g, '{$1}');
    return { method, path: text, surface: surfaceOf(text), ofRepository: /\/(repositories|r|v2)\/\{name\}/.test(text) };
  });
}

function routesOf(controller: Controller): { method: string; path: string }[] {
  return Object.values(Object.getOwnPropertyDescriptors(controller.prototype))
    .map(({ value }) => Object(value) as object)
    .filter((handler) => Reflect.hasMetadata('method', handler))
    .flatMap((handler) =>
      pathsOf(controller).flatMap((folder) =>
        pathsOf(handler).map((path) => ({
          method: RequestMethod[Reflect.getMetadata('method', handler) as number] ?? '',
          path: joined(folder, path),
        })),
      ),
    );
}

function isController(value: unknown): value is Controller {
  return typeof value === 'function' && Reflect.hasMetadata('path', value);
}

/** Nest takes one path or a list of them. */
function pathsOf(target: object): string[] {
  return [Reflect.getMetadata('path', target) as string | string[]].flat();
}

/** `:id` and `*name` become `{id}` and `{name}`; `\:` is a colon. */
function joined(...parts: string[]): string {
  const segments = parts.map((part) => part.replaceAll(/^\/|\/$/g, '')).filter((part) => part !== '');
  return `/${segments.join('/')}`.replaceAll(/(?<!\\)[:*](\w+)/g, '{$1}').replaceAll('\\:', ':');
}

function surfaceOf(path: string): Surface {
  if (path.startsWith('/v2/') || path.startsWith('/v1/')) return 'registry';
  if (path === '/token') return 'realm';
  return path.startsWith('/api/') ? 'api' : 'page';
}
