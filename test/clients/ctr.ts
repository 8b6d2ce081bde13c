import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Background, mustRun, type Ran, run } from '../support/child.js';
import { type Built, type BuiltImage, type BuiltIndex, type Platform, writeLayout } from '../support/images.js';
import { Hopeless, until } from '../support/ports.js';
import { type Client, inOrder, layersOfLayout, platformText, Workspace } from './client.js';

const done: Ran = { code: 0, stdout: '', stderr: '' };

/** containerd's ctr with a daemon of its own. It knows no sign-in: the credentials go with each command. */
export class Ctr implements Client {
  readonly signsIn = false;
  #credentials: string[] = [];
  #directories = 0;

  private constructor(
    private readonly host: string,
    private readonly workspace: Workspace,
    private readonly daemon: Background,
  ) {}

  static async start(host: string): Promise<Ctr> {
    const workspace = await Workspace.make('ctr');
    const configuration = [
      'version = 2',
      `root = ${JSON.stringify(workspace.path('root'))}`,
      `state = ${JSON.stringify(workspace.path('state'))}`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      // Nothing is collected behind the back of a push: containerd does so 100 ms after its start and after each removal.
      '[plugins."io.containerd.gc.v1.scheduler"]',
      'startup_delay = "1h"',
      'deletion_threshold = 0',
      'mutation_threshold = 1000000',
      '[grpc]',
      `address = ${JSON.stringify(workspace.path('containerd.sock'))}`,
    ];
    await writeFile(workspace.path('config.toml'), configuration.join('\n'));
    const daemon = new Background('containerd', ['--config', workspace.path('config.toml')], { env: workspace.env });
    const ctr = new Ctr(host, workspace, daemon);
    await until('containerd', async () => {
      if (!daemon.running) throw new Hopeless(`containerd ended: ${daemon.output}`);
      return (await ctr.#ctr('version')).code === 0;
    });
    return ctr;
  }

  async login(username: string, password: string): Promise<Ran> {
    this.#credentials = ['--user', `${username}:${password}`];
    return done;
  }

  async logout(): Promise<Ran> {
    this.#credentials = [];
    return done;
  }

  push(image: BuiltImage, name: string): Promise<Ran> {
    return this.#importAndPush(image, name);
  }

  pushIndex(index: BuiltIndex, name: string): Promise<Ran> {
    return this.#importAndPush(index, name);
  }

  async pull(name: string, platform?: Platform): Promise<Ran> {
    const images = (await this.#ctr('images', 'list', '--quiet')).stdout.split('\n').filter(Boolean);
    if (images.length > 0) await this.#ctr('images', 'remove', '--sync', ...images);
    const options = ['--plain-http', '--snapshotter', 'native', '--platform', platformText(platform)];
    return this.#ctr('images', 'pull', ...options, ...this.#credentials, this.#at(name));
  }

  async layers(name: string): Promise<string[]> {
    const directory = this.workspace.path(`pulled-${this.#directories++}`);
    await mkdir(directory);
    const content = ['--skip-manifest-json', '--all-platforms'];
    const exported = await this.#ctr('images', 'export', ...content, `${directory}.tar`, this.#at(name));
    // An index of which one platform was pulled is exported only for that platform.
    if (exported.code !== 0) await this.#exportOne(name, `${directory}.tar`);
    await mustRun('tar', ['-xf', `${directory}.tar`, '-C', directory], { env: this.workspace.env });
    return layersOfLayout(directory);
  }

  derive(from: string, to: string): Promise<Ran> {
    return inOrder(
      () => this.pull(from),
      () => this.#ctr('images', 'tag', this.#at(from), this.#at(to)),
      () => this.#ctr('images', 'push', '--plain-http', ...this.#credentials, this.#at(to)),
    );
  }

  async close(): Promise<void> {
    await this.daemon.stop();
    await this.workspace.remove();
  }

  async #exportOne(name: string, file: string): Promise<Ran> {
    for (const platform of ['linux/amd64', 'linux/arm64/v8']) {
      const content = ['--skip-manifest-json', '--platform', platform];
      const ran = await this.#ctr('images', 'export', ...content, file, this.#at(name));
      if (ran.code === 0) return ran;
    }
    throw new Error(`no platform of ${name} is here`);
  }

  async #importAndPush(built: Built, name: string): Promise<Ran> {
    const layout = this.workspace.path(`push-${this.#directories++}`);
    await writeLayout(layout, { [this.#at(name)]: built });
    await mustRun('tar', ['-cf', `${layout}.tar`, '-C', layout, '.'], { env: this.workspace.env });
    await rm(layout, { recursive: true });
    return inOrder(
      () => this.#ctr('images', 'import', '--all-platforms', '--no-unpack', `${layout}.tar`),
      () => this.#ctr('images', 'push', '--plain-http', ...this.#credentials, this.#at(name)),
    );
  }

  #ctr(...parameters: string[]): Promise<Ran> {
    return run('ctr', ['--address', this.workspace.path('containerd.sock'), ...parameters], {
      env: this.workspace.env,
    });
  }

  #at(name: string): string {
    return `${this.host}/${name}`;
  }
}
