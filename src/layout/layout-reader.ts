import { open, opendir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { layoutPlace } from '../data-directory/own-files.js';
import { plainRead } from '../data-directory/plain-read.js';
import { errorCode } from '../errors/error-code.js';
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.js';
import { isTag, type Tag } from '../oci/reference.js';
import { isRepositoryName, type RepositoryName } from '../oci/repository-name.js';
import { cleanText } from '../text/clean-text.js';
import { layoutPaths, linkFile, repositoriesFolder } from './layout-tree.js';
import type { MirrorProblem } from './mirror.js';

/** A link, and when it was made. */
export interface LinkedDigest {
  readonly digest: Digest;
  readonly at: Date;
}

/** Longest text of a link: a sha512 digest and a line end. */
const longestLink = 200;
const longestPath = 500;

/**
 * Reads CNCF Distribution's layout (layout-tree.ts), trusting nothing in it: what does not parse is told and left out. Entries come
 * one after the other, so memory does not grow with the volume.
 */
export class LayoutReader {
  /** Where a path is, such as `docker/registry/v2/blobs`. */
  readonly #at: (path: string) => string;

  /** @param dataDir without a link in it */
  constructor(
    dataDir: string,
    private readonly tell: (problem: MirrorProblem) => void,
  ) {
    this.#at = layoutPlace(dataDir);
  }

  /** Those with manifests or links, in no particular order. */
  repositories(): AsyncGenerator<RepositoryName> {
    return this.#repositoriesIn(repositoriesFolder, '');
  }

  layers(name: RepositoryName): AsyncGenerator<LinkedDigest> {
    return this.#linksIn(layoutPaths.layers(name));
  }

  revisions(name: RepositoryName): AsyncGenerator<LinkedDigest> {
    return this.#linksIn(join(layoutPaths.manifests(name), 'revisions'));
  }

  async *tags(name: RepositoryName): AsyncGenerator<LinkedDigest & { readonly tag: Tag }> {
    const folder = join(layoutPaths.manifests(name), 'tags');
    for await (const entry of this.#foldersIn(folder)) {
      const path = join(folder, entry);
      if (!isTag(entry)) {
        this.#problem(path, 'it is not the name of a tag');
        continue;
      }
      const link = await this.#link(join(path, 'current'));
      if (link !== undefined) yield { tag: entry, ...link };
    }
  }

  /** The bytes of a manifest, at most `longest`; undefined, and told, when they are not there or not those. */
  async content(digest: Digest, longest: number): Promise<Buffer | undefined> {
    const path = layoutPaths.content(digest);
    const file = await this.#read(path, longest);
    if (file === undefined) return undefined;
    if (digestOf(file.bytes, digestAlgorithm(digest)) === digest) return file.bytes;
    this.#problem(path, 'its bytes do not have its digest');
    return undefined;
  }

  async *#repositoriesIn(folder: string, name: string): AsyncGenerator<RepositoryName> {
    let holds = false;
    for await (const entry of this.#foldersIn(folder)) {
      if (entry.startsWith('_')) {
        holds ||= entry === '_manifests' || entry === '_layers';
        continue;
      }
      const inside = name === '' ? entry : `${name}/${entry}`;
      if (isRepositoryName(inside)) yield* this.#repositoriesIn(join(folder, entry), inside);
      else this.#problem(join(folder, entry), 'it is not the name of a repository');
    }
    if (holds && isRepositoryName(name)) yield name;
  }

  async *#linksIn(folder: string): AsyncGenerator<LinkedDigest> {
    for await (const algorithm of this.#foldersIn(folder)) {
      for await (const hex of this.#foldersIn(join(folder, algorithm))) {
        const path = join(folder, algorithm, hex);
        const digest = `${algorithm}:${hex}`;
        if (!isDigest(digest)) {
          this.#problem(path, 'it is not a digest');
          continue;
        }
        const link = await this.#link(path);
        if (link === undefined) continue;
        if (link.digest === digest) yield link;
        else this.#problem(join(path, linkFile), `it says ${link.digest}`);
      }
    }
  }

  /** A folder without its link is what Distribution leaves of what it deleted: nothing to tell. */
  async #link(folder: string): Promise<LinkedDigest | undefined> {
    const path = join(folder, linkFile);
    const file = await this.#read(path, longestLink, { mayBeGone: true });
    if (file === undefined) return undefined;
    const digest = file.bytes.toString('latin1').trim();
    if (isDigest(digest)) return { digest, at: file.at };
    this.#problem(path, 'it does not hold a digest');
    return undefined;
  }

  async #read(
    path: string,
    longest: number,
    { mayBeGone = false } = {},
  ): Promise<{ readonly bytes: Buffer; readonly at: Date } | undefined> {
    try {
      await requireInPlace(dirname(this.#at(path)));
      const file = await open(this.#at(path), plainRead);
      try {
        const { size, mtime } = await file.stat().then((found) => {
          if (!found.isFile()) throw new Error('it is not a file');
          if (found.size > longest) throw new Error(`it has ${found.size} bytes, and ${longest} are the most`);
          return found;
        });
        const bytes = Buffer.alloc(size);
        const { bytesRead } = await file.read(bytes, 0, size, 0);
        return { bytes: bytes.subarray(0, bytesRead), at: mtime };
      } finally {
        await file.close();
      }
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' && mayBeGone) return undefined;
      this.#problem(path, code ?? (error instanceof Error ? error.message : String(error)));
      return undefined;
    }
  }

  /** Names of folders; everything else is told. A folder that is not there has none. */
  async *#foldersIn(folder: string): AsyncGenerator<string> {
    try {
      await requireInPlace(this.#at(folder));
      for await (const entry of await opendir(this.#at(folder))) {
        if (entry.isDirectory()) yield entry.name;
        else this.#problem(join(folder, entry.name), 'it is not a folder');
      }
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined && !(error instanceof LedAway)) throw error;
      if (code !== 'ENOENT') this.#problem(folder, code ?? ledAway);
    }
  }

  #problem(path: string, reason: string): void {
    this.tell({ path: cleanText(path, longestPath), reason: cleanText(reason, longestPath) });
  }
}

const ledAway = 'it is reached through a link';

/** A folder is reached through a link of the file system, which may lead anywhere. */
class LedAway extends Error {}

async function requireInPlace(folder: string): Promise<void> {
  if ((await realpath(folder)) !== folder) throw new LedAway(ledAway);
}
