import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Background, type Ran, run } from '../support/child.js';
import { type BuiltImage, type BuiltIndex, type Platform, writeDockerArchive } from '../support/images.js';
import { Hopeless, until } from '../support/ports.js';
import { findTool } from '../support/tools.js';
import { type Client, inOrder, layersOfArchive, platformText, Workspace } from './client.js';

/** The engine reads /etc/docker and no other directory: it is given its own there, which nobody else sees. */
const inPlaceOfEtcDocker = 'mkdir -p /etc/docker && mount --bind "$0" /etc/docker && exec "$@"';

/** The docker command with an engine of its own. The engine needs root; containers, which nothing here starts, would have no network. */
export class Docker implements Client {
  readonly signsIn = true;

  private constructor(
    private readonly host: string,
    private readonly workspace: Workspace,
    private readonly engine: Background,
  ) {}

  /** @param authorities a directory of `*.crt` to check the registry's certificate by; HTTP will do on 127.0.0.1 only */
  static async start(host: string, authorities?: string): Promise<Docker> {
    const workspace = await Workspace.make('docker');
    await mkdir(workspace.path('etc', 'certs.d'), { recursive: true });
    if (authorities !== undefined) await symlink(authorities, workspace.path('etc', 'certs.d', host));
    const engine = new Background(
      'unshare',
      [
        ...['--mount', 'sh', '-c', inPlaceOfEtcDocker, workspace.path('etc'), findTool('dockerd') ?? 'dockerd'],
        ...['--storage-driver=vfs', '--iptables=false', '--ip6tables=false', '--bridge=none', '--log-level=warn'],
        ...['--data-root', workspace.path('data'), '--exec-root', workspace.path('exec')],
        ...['--pidfile', workspace.path('docker.pid'), '-H', `unix://${workspace.path('docker.sock')}`],
      ],
      { env: workspace.env },
    );
    const docker = new Docker(host, workspace, engine);
    await until('dockerd', async () => {
      if (!engine.running) throw new Hopeless(`dockerd ended: ${engine.output}`);
      return (await docker.run('version')).code === 0;
    });
    return docker;
  }

  run(...parameters: string[]): Promise<Ran> {
    return run('docker', parameters, { env: this.#env });
  }

  login(username: string, password: string): Promise<Ran> {
    const parameters = ['login', '--username', username, '--password-stdin', this.host];
    return run('docker', parameters, { env: this.#env, input: password });
  }

  logout(): Promise<Ran> {
    return this.run('logout', this.host);
  }

  async push(image: BuiltImage, name: string): Promise<Ran> {
    const archive = this.workspace.path('push.tar');
    await writeDockerArchive(archive, image, this.at(name));
    return inOrder(
      () => this.run('load', '--input', archive),
      () => this.run('push', this.at(name)),
    );
  }

  async pushIndex(index: BuiltIndex, name: string): Promise<Ran> {
    const parts = index.images.map((image) => ({ image, name: `${name}-${image.platform.architecture}` }));
    return inOrder(
      ...parts.map((part) => () => this.push(part.image, part.name)),
      () => this.run('manifest', 'create', '--insecure', this.at(name), ...parts.map((part) => this.at(part.name))),
      () => this.run('manifest', 'push', '--insecure', this.at(name)),
    );
  }

  async pull(name: string, platform?: Platform): Promise<Ran> {
    const images = (await this.run('images', '--all', '--quiet', '--no-trunc')).stdout.split('\n').filter(Boolean);
    if (images.length > 0) await this.run('image', 'rm', '--force', ...new Set(images));
    return this.run('pull', '--platform', platformText(platform), this.at(name));
  }

  async layers(name: string): Promise<string[]> {
    const archive = this.workspace.path('pulled.tar');
    await this.run('save', '--output', archive, this.at(name));
    return layersOfArchive(archive);
  }

  derive(from: string, to: string): Promise<Ran> {
    return inOrder(
      () => this.pull(from),
      () => this.run('tag', this.at(from), this.at(to)),
      () => this.run('push', this.at(to)),
    );
  }

  async close(): Promise<void> {
    await this.engine.stop();
    await this.workspace.remove();
  }

  /** Where it keeps what it signed in with. */
  get configFile(): string {
    return this.workspace.path('docker', 'config.json');
  }

  at(name: string): string {
    return join(this.host, name);
  }

  get #env(): Record<string, string | undefined> {
    return { ...this.workspace.env, DOCKER_HOST: `unix://${this.workspace.path('docker.sock')}` };
  }
}
