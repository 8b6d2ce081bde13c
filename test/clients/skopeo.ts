import { readdir, rm } from 'node:fs/promises';
import { type Ran, run } from '../support/child.js';
import { type Built, type BuiltImage, type BuiltIndex, type Platform, writeLayout } from '../support/images.js';
import { type Client, layersOfLayout, tlsOption, Workspace } from './client.js';

interface SkopeoOptions {
  /** What another client signed in with, in place of a file of its own. */
  readonly authFile?: string;
  /** A directory of `*.crt` to check the registry's certificate by; left out, HTTP will do. */
  readonly authorities?: string;
}

/** skopeo, which keeps nothing: it copies between OCI layouts and the registry. */
export class Skopeo implements Client {
  readonly signsIn = true;

  private constructor(
    private readonly host: string,
    private readonly workspace: Workspace,
    private readonly options: SkopeoOptions,
  ) {}

  static async start(host: string, options: SkopeoOptions = {}): Promise<Skopeo> {
    return new Skopeo(host, await Workspace.make('skopeo'), options);
  }

  login(username: string, password: string): Promise<Ran> {
    const parameters = ['login', this.#tls(), '--username', username, '--password-stdin', this.host];
    return run('skopeo', parameters, { env: this.#env, input: password });
  }

  logout(): Promise<Ran> {
    return run('skopeo', ['logout', this.host], { env: this.#env });
  }

  push(image: BuiltImage, name: string): Promise<Ran> {
    return this.#push(image, name);
  }

  pushIndex(index: BuiltIndex, name: string): Promise<Ran> {
    return this.#push(index, name);
  }

  async pull(name: string, platform?: Platform): Promise<Ran> {
    await rm(this.#pulled(name), { recursive: true, force: true });
    const { os, architecture, variant } = platform ?? { os: 'linux', architecture: 'amd64' };
    const wanted = ['--override-os', os, '--override-arch', architecture];
    if (variant) wanted.push('--override-variant', variant);
    return this.#skopeo(...wanted, 'copy', this.#tls('src-'), this.#remote(name), `oci:${this.#pulled(name)}`);
  }

  layers(name: string): Promise<string[]> {
    return layersOfLayout(this.#pulled(name));
  }

  derive(from: string, to: string): Promise<Ran> {
    const tls = [this.#tls('src-'), this.#tls('dest-')];
    return this.#skopeo('copy', '--preserve-digests', ...tls, this.#remote(from), this.#remote(to));
  }

  async close(): Promise<void> {
    await this.workspace.remove();
  }

  async #push(built: Built, name: string): Promise<Ran> {
    const layout = this.workspace.path(`push-${(await readdir(this.workspace.directory)).length}`);
    await writeLayout(layout, { pushed: built });
    const options = ['--all', '--preserve-digests', this.#tls('dest-')];
    return this.#skopeo('copy', ...options, `oci:${layout}:pushed`, this.#remote(name));
  }

  get #env(): Record<string, string | undefined> {
    const { env } = this.workspace;
    const { authFile } = this.options;
    return authFile === undefined ? env : { ...env, REGISTRY_AUTH_FILE: authFile };
  }

  #tls(side?: 'src-' | 'dest-'): string {
    return tlsOption(this.options.authorities, side);
  }

  #skopeo(...parameters: string[]): Promise<Ran> {
    return run('skopeo', parameters, { env: this.#env });
  }

  #remote(name: string): string {
    return `docker://${this.host}/${name}`;
  }

  #pulled(name: string): string {
    return this.workspace.path(`pulled-${name.replaceAll(/\W/g, '-')}`);
  }
}
