import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { projectRoot } from '../../config/project-root.js';
import { gzipped } from '../../http/gzip.js';

/** What pages load, below public/. */
const names = [
  'app.css',
  'app.js',
  'favicon.svg',
  'icons.svg',
  'reference.css',
  'reference.js',
  'vendor/htmx.js',
  'vendor/redoc.js',
  'vendor/swagger-ui.css',
  'vendor/swagger-ui.js',
] as const;
type AssetName = (typeof names)[number];

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

/** `/assets/vendor/htmx.0123456789ab.js`: the name with the hash in it. */
const urlGrammar = /^\/assets\/(?<stem>.+)\.[0-9a-f]{12}(?<extension>\.\w+)$/;

function isName(text: string): text is AssetName {
  return (names as readonly string[]).includes(text);
}

/** The files of public/, each read when it is first named: some are large, and few ask for them. */
export class Assets {
  readonly #read = new Map<AssetName, Asset>();

  constructor(private readonly directory = join(projectRoot(), 'public')) {}

  /** Throws for a name that no page may load. */
  url(name: string): string {
    if (!isName(name)) throw new Error(`no asset is called ${name}`);
    return this.#asset(name).url;
  }

  /** By the path of its URL. */
  find(url: string): Asset | undefined {
    const { stem, extension } = urlGrammar.exec(url)?.groups ?? {};
    const name = `${stem}${extension}`;
    const asset = isName(name) ? this.#asset(name) : undefined;
    return asset?.url === url ? asset : undefined;
  }

  #asset(name: AssetName): Asset {
    let asset = this.#read.get(name);
    if (asset === undefined) {
      asset = new Asset(name, readFileSync(join(this.directory, name)));
      this.#read.set(name, asset);
    }
    return asset;
  }
}
