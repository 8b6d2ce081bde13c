import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { mustRun, type Ran } from '../support/child.js';
import { type BuiltImage, type BuiltIndex, type Platform, sha256 } from '../support/images.js';

/** One program that people use against a registry, driven as they drive it. Names are `team/app:v1`, without the host. */
export interface Client {
  /** Whether it has a sign-in command; without one, the credentials go with each command. */
  readonly signsIn: boolean;
  login(username: string, password: string): Promise<Ran>;
  logout(): Promise<Ran>;
  push(image: BuiltImage, name: string): Promise<Ran>;
  pushIndex(index: BuiltIndex, name: string): Promise<Ran>;
  /** Pulls for one platform (linux/amd64 when left out), after forgetting everything it has here. */
  pull(name: string, platform?: Platform): Promise<Ran>;
  /** The digests of the uncompressed layers of what was pulled, lowest layer first. */
  layers(name: string): Promise<string[]>;
  /** Pulls `from` and pushes it under another repository, as a derived image does with its base. */
  derive(from: string, to: string): Promise<Ran>;
  close(): Promise<void>;
}

/** A directory of its own with an environment that leads every client into it and nowhere else. */
export class Workspace {
  private constructor(readonly directory: string) {}

  static async make(name: string): Promise<Workspace> {
    const directory = await mkdtemp(join(tmpdir(), `${name}-`));
    for (const part of ['home', 'run', 'docker']) await mkdir(join(directory, part), { mode: 0o700 });
    await writeFile(join(directory, 'auth.json'), '{}'); // podman insists that the file exists
    return new Workspace(directory);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  get env(): Record<string, string | undefined> {
    return {
      PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
      HOME: this.path('home'),
      XDG_RUNTIME_DIR: this.path('run'),
      DOCKER_CONFIG: this.path('docker'),
      REGISTRY_AUTH_FILE: this.path('auth.json'),
      CONTAINERS_STORAGE_CONF: this.path('storage.conf'),
    };
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Unpacks what `docker save` and its likes wrote and returns the digests of its layers. */
export async function layersOfArchive(file: string): Promise<string[]> {
  const directory = `${file}.d`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await mustRun('tar', ['-xf', file, '-C', directory], { env: { PATH: process.env.PATH } });
  const [image] = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
  return Promise.all(image.Layers.map(async (layer: string) => sha256(plain(await readFile(join(directory, layer))))));
}

/** The same of an OCI image layout that holds one image, or an index of which one image is here. */
export async function layersOfLayout(directory: string): Promise<string[]> {
  const present = new Set(await readdir(join(directory, 'blobs', 'sha256')));
  const read = (digest: string) => readFile(join(directory, 'blobs', 'sha256', digest.slice('sha256:'.length)));
  let document = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
  while (document.manifests) {
    const child = document.manifests.find((entry: { digest: string }) =>
      present.has(entry.digest.slice('sha256:'.length)),
    );
    document = JSON.parse((await read(child.digest)).toString());
  }
  return Promise.all(document.layers.map(async (layer: { digest: string }) => sha256(plain(await read(layer.digest)))));
}

/**
 * How podman, buildah and skopeo are told to check the registry. Without a directory of certificate authorities they take
 * HTTP, and any certificate.
 */
export function tlsOption(authorities: string | undefined, side: '' | 'src-' | 'dest-' = ''): string {
  return authorities === undefined ? `--${side}tls-verify=false` : `--${side}cert-dir=${authorities}`;
}

/** A layer without its compression. */
export function plain(bytes: Buffer): Buffer {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

export function platformText(platform: Platform = { os: 'linux', architecture: 'amd64' }): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** Throws what the program said unless it succeeded. */
export function succeed(ran: Ran): void {
  if (ran.code !== 0) throw new Error(`${ran.code}\n${ran.stdout}\n${ran.stderr}`);
}

/** Runs commands one after another; stops at the first that fails and returns the last one's outcome. */
export async function inOrder(...steps: (() => Promise<Ran>)[]): Promise<Ran> {
  let ran: Ran = { code: 0, stdout: '', stderr: '' };
  for (const step of steps) {
    ran = await step();
    if (ran.code !== 0) return ran;
  }
  return ran;
}
