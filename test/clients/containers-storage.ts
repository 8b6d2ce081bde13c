import { writeFile } from 'node:fs/promises';
import { type Ran, run } from '../support/child.js';
import { type BuiltImage, type BuiltIndex, type Platform, writeDockerArchive } from '../support/images.js';
import { type Client, inOrder, layersOfLayout, platformText, tlsOption, Workspace } from './client.js';

/** podman and buildah: two commands over the same image store, with nearly the same words. */
export class ContainersStorage implements Client {
  readonly signsIn = true;
  #pulls = 0;

  private constructor(
    private readonly command: 'podman' | 'buildah',
    private readonly host: string,
    private readonly workspace: Workspace,
    private readonly tls: string,
  ) {}

  /** @param authorities a directory of `*.crt` to check the registry's certificate by; left out, HTTP will do */
  static async start(command: 'podman' | 'buildah', host: string, authorities?: string): Promise<ContainersStorage> {
    const workspace = await Workspace.make(command);
    const storage = { driver: 'vfs', graphroot: workspace.path('storage'), runroot: workspace.path('run', 'storage') };
    const lines = Object.entries(storage).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    await writeFile(workspace.path('storage.conf'), ['[storage]', ...lines, ''].join('\n'));
    return new ContainersStorage(command, host, workspace, tlsOption(authorities));
  }

  login(username: string, password: string): Promise<Ran> {
    const parameters = ['login', this.tls, '--username', username, '--password-stdin', this.host];
    return run(this.command, parameters, { env: this.workspace.env, input: password });
  }

  logout(): Promise<Ran> {
    return this.#run('logout', this.host);
  }

  async push(image: BuiltImage, name: string): Promise<Ran> {
    return inOrder(
      () => this.#load(image, name),
      () => this.#run('push', this.tls, this.#at(name)),
    );
  }

  async pushIndex(index: BuiltIndex, name: string): Promise<Ran> {
    const parts = index.images.map((image) => ({ image, name: `${name}-${image.platform.architecture}` }));
    return inOrder(
      ...parts.map((part) => () => this.#load(part.image, part.name)),
      () => this.#run('manifest', 'create', this.#at(name)),
      ...parts.map((part) => () => this.#add(name, part.name, part.image.platform)),
      () => this.#run('manifest', 'push', '--all', this.tls, this.#at(name), `docker://${this.#at(name)}`),
    );
  }

  async pull(name: string, platform?: Platform): Promise<Ran> {
    await this.#run('rmi', '--all', '--force');
    return this.#run('pull', this.tls, '--platform', platformText(platform), this.#at(name));
  }

  async layers(name: string): Promise<string[]> {
    const layout = this.workspace.path(`pulled-${this.#pulls++}`);
    await this.#run('push', this.#at(name), `oci:${layout}`);
    return layersOfLayout(layout);
  }

  derive(from: string, to: string): Promise<Ran> {
    return inOrder(
      () => this.pull(from),
      () => this.#run('tag', this.#at(from), this.#at(to)),
      () => this.#run('push', this.tls, this.#at(to)),
    );
  }

  async close(): Promise<void> {
    await this.workspace.remove();
  }

  async #load(image: BuiltImage, name: string): Promise<Ran> {
    const archive = this.workspace.path('push.tar');
    await writeDockerArchive(archive, image, this.#at(name));
    return this.#run('pull', `docker-archive:${archive}`);
  }

  #add(index: string, name: string, { os, architecture, variant }: Platform): Promise<Ran> {
    const platform = ['--os', os, '--arch', architecture, ...(variant ? ['--variant', variant] : [])];
    const image = this.command === 'podman' ? `containers-storage:${this.#at(name)}` : this.#at(name);
    return this.#run('manifest', 'add', ...platform, this.#at(index), image);
  }

  #run(...parameters: string[]): Promise<Ran> {
    return run(this.command, parameters, { env: this.workspace.env });
  }

  #at(name: string): string {
    return `${this.host}/${name}`;
  }
}
