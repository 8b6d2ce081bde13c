import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { projectRoot } from '../../config/project-root.js';
import { gzipped } from './gzip.js';

/** What pages load, below public/. */
const names = ['app.css', 'app.js', 'favicon.svg', 'icons.svg', 'vendor/htmx.js'] as const;
export type AssetName = (typeof names)[number];

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of public/, under a URL that changes with its content and may therefore be kept for ever. */
export class Asset {
  readonly url: string;
  readonly type: string;
  #gzip: Promise<Buffer> | undefined;

  constructor(
    name: string,
    readonly body: Buffer,
  ) {
    const extension = extname(name);
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
    this.url = `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`;
    this.type = types[extension] ?? 'application/octet-stream';
  }

  /** Compressed once. */
  gzip(): Promise<Buffer> {
    this.#gzip ??= gzipped(this.body, 9);
    return this.#gzip;
  }
}

/** The files of public/, read when the first page is. */
export class Assets {
  #byName: ReadonlyMap<string, Asset> | undefined;

  constructor(private readonly directory = join(projectRoot(), 'public')) {}

  /** Throws for a name that no page may load. */
  url(name: string): string {
    const asset = this.#assets().get(name);
    if (asset === undefined) throw new Error(`no asset is called ${name}`);
    return asset.url;
  }

  /** By the path of its URL. */
  find(url: string): Asset | undefined {
    return [...this.#assets().values()].find((asset) => asset.url === url);
  }

  #assets(): ReadonlyMap<string, Asset> {
    this.#byName ??= new Map(names.map((name) => [name, new Asset(name, readFileSync(join(this.directory, name)))]));
    return this.#byName;
  }
}
