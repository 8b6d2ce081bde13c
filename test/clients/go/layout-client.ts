import { mkdtemp, rm } from 'node:fs/promises';
import { type Ran, run } from '../../support/child.js';
import { type Built, type Platform, writeLayout } from '../../support/images.js';
import { type Client, layersOfLayout, platformText, succeed, Workspace } from '../client.js';
import { goProgram } from './programs.js';

/** What to tell a program, over plain HTTP. A layout is the directory of an OCI image layout; its tag is `one`. */
interface Words {
  /** Whether signing in asks the registry; otherwise it only notes the credentials. */
  readonly signsIn: boolean;
  readonly prepare?: (host: string) => string[];
  readonly login: (host: string, username: string) => string[];
  readonly logout: (host: string) => string[];
  readonly push: (layout: string, to: string) => string[];
  readonly pull: (from: string, layout: string, platform: string) => string[];
  readonly copy: (from: string, to: string) => string[];
}

const words = {
  // crane and regctl keep plain HTTP in mind, crane for every loopback address; oras wants to be told each time.
  crane: {
    signsIn: false,
    login: (host, username) => ['auth', 'login', host, '--username', username, '--password-stdin'],
    logout: (host) => ['auth', 'logout', host],
    push: (layout, to) => ['push', layout, to],
    pull: (from, layout, platform) => ['pull', '--format', 'oci', '--platform', platform, from, layout],
    copy: (from, to) => ['copy', from, to],
  },
  regctl: {
    signsIn: true,
    prepare: (host) => ['registry', 'set', host, '--tls', 'disabled', '--skip-check'],
    login: (host, username) => ['registry', 'login', host, '--user', username, '--pass-stdin'],
    logout: (host) => ['registry', 'logout', host],
    push: (layout, to) => ['image', 'copy', `ocidir://${layout}:one`, to],
    pull: (from, layout, platform) => ['image', 'copy', '--platform', platform, from, `ocidir://${layout}:one`],
    copy: (from, to) => ['image', 'copy', from, to],
  },
  oras: {
    signsIn: true,
    login: (host, username) => ['login', '--plain-http', '--username', username, '--password-stdin', host],
    logout: (host) => ['logout', host],
    push: (layout, to) => ['cp', '--from-oci-layout', '--to-plain-http', `${layout}:one`, to],
    pull: (from, layout, platform) => {
      return ['cp', '--from-plain-http', '--to-oci-layout', '--platform', platform, from, `${layout}:one`];
    },
    copy: (from, to) => ['cp', '--from-plain-http', '--to-plain-http', from, to],
  },
} as const satisfies Partial<Record<Parameters<typeof goProgram>[0], Words>>;

/** A program that keeps no images of its own: it copies between OCI layouts and the registry. */
export class LayoutClient implements Client {
  readonly #words: Words;

  private constructor(
    private readonly program: keyof typeof words,
    private readonly host: string,
    private readonly workspace: Workspace,
  ) {
    this.#words = words[program];
  }

  static async start(program: keyof typeof words, host: string): Promise<LayoutClient> {
    const client = new LayoutClient(program, host, await Workspace.make(program));
    const prepare = client.#words.prepare?.(host);
    if (prepare) succeed(await client.run(...prepare));
    return client;
  }

  get signsIn(): boolean {
    return this.#words.signsIn;
  }

  login(username: string, password: string): Promise<Ran> {
    const { env } = this.workspace;
    return run(goProgram(this.program), this.#words.login(this.host, username), { env, input: password });
  }

  logout(): Promise<Ran> {
    return this.run(...this.#words.logout(this.host));
  }

  async push(built: Built, name: string): Promise<Ran> {
    const layout = await mkdtemp(this.path('push-'));
    await writeLayout(layout, { one: built });
    return this.run(...this.#words.push(layout, this.at(name)));
  }

  pushIndex(built: Built, name: string): Promise<Ran> {
    return this.push(built, name);
  }

  async pull(name: string, platform?: Platform): Promise<Ran> {
    await rm(this.#pulled(name), { recursive: true, force: true });
    return this.run(...this.#words.pull(this.at(name), this.#pulled(name), platformText(platform)));
  }

  layers(name: string): Promise<string[]> {
    return layersOfLayout(this.#pulled(name));
  }

  derive(from: string, to: string): Promise<Ran> {
    return this.run(...this.#words.copy(this.at(from), this.at(to)));
  }

  async close(): Promise<void> {
    await this.workspace.remove();
  }

  /** Any other command of the program, in the client's own directory. */
  run(...parameters: string[]): Promise<Ran> {
    return run(goProgram(this.program), parameters, { env: this.workspace.env, cwd: this.workspace.directory });
  }

  /** A name as the program is told it, with the host. */
  at(name: string): string {
    return `${this.host}/${name}`;
  }

  path(...parts: string[]): string {
    return this.workspace.path(...parts);
  }

  #pulled(name: string): string {
    return this.path(`pulled-${name.replaceAll(/\W/g, '-')}`);
  }
}
