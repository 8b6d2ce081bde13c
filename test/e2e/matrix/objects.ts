import type { Berth, JsonAnswer } from '../../support/berth.js';
import { basic, send } from '../../support/http.js';
import { type BuiltImage, buildImage, content, descriptor, json, randomBytesOf, types } from '../../support/images.js';
import { until } from '../../support/ports.js';
import { RegistryClient } from '../../support/registry-client.js';
import { type Visibility, visibilities } from './table.js';

/** The repository that requests are about; `<visibility>/nix` never exists. */
export const repositoryOf = (visibility: Visibility): string => `${visibility}/app`;

/**
 * What requests are about. The shared things are there all the time and nobody may change them; `new…` makes one that a
 * request may change or remove. All of it belongs to the first administrator.
 */
export class Objects {
  readonly image: BuiltImage = buildImage({ seed: 'matrix', layers: [1_000] });
  readonly tag = 'v1';
  readonly username = 'target';
  readonly password = 'Target-9d1f-password';
  readonly group = 'crew';
  /** Ids of a grant, an access token and a secret of a robot. */
  grant = 0;
  accessToken = 0;
  robot = '';
  secret = 0;
  /** An upload session in each repository, and the id of a sign-in. */
  readonly uploads = new Map<string, string>();
  session = '';
  /** Of a job that has ended. */
  job = 0;
  #last = 0;

  private constructor(readonly berth: Berth) {}

  static async prepare(berth: Berth): Promise<Objects> {
    const objects = new Objects(berth);
    for (const visibility of visibilities) await objects.#pushRepository(visibility);
    await objects.newUser(objects.username, objects.password);
    await objects.api('POST', '/groups', { name: objects.group });
    await objects.api('PUT', `/groups/${objects.group}/members/${objects.username}`);
    objects.grant = (await objects.newGrant()).id;
    objects.accessToken = (await objects.api('POST', '/tokens', { name: 'shared' })).id;
    const robot = await objects.newRobot();
    [objects.robot, objects.secret] = [robot.name, robot.secret];
    objects.job = (await objects.api('POST', '/jobs', { kind: 'uploads.sweep' })).id;
    const { job } = objects;
    await until('a job that has ended', async () => (await objects.api('GET', `/jobs/${job}`)).state === 'succeeded');
    objects.session = (await objects.api('GET', '/auth/sessions')).items[0].id;
    return objects;
  }

  /** Removes the repositories that requests are about, and makes them anew under the same names. */
  async makeAnew(): Promise<void> {
    for (const visibility of visibilities) {
      await this.api('DELETE', `/repositories/${encodeURIComponent(repositoryOf(visibility))}`);
      await this.#pushRepository(visibility);
    }
  }

  async #pushRepository(visibility: Visibility): Promise<void> {
    const { url, admin } = this.berth;
    const name = repositoryOf(visibility);
    await (await RegistryClient.open(url, admin)).push(name, this.tag, this.image);
    await this.api('PATCH', `/repositories/${encodeURIComponent(name)}`, { visibility });
    this.uploads.set(name, await this.newUpload(name, basic(admin.username, admin.password)));
  }

  /** A name that nothing has yet. */
  fresh(prefix: string): string {
    this.#last += 1;
    return `${prefix}${this.#last}`;
  }

  /** One call of the REST API by the first administrator, which has to succeed; its answer. */
  async api(method: string, path: string, body?: unknown): Promise<JsonAnswer['body']> {
    const answer = await this.berth.api(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}`);
    return answer.body;
  }

  async newRepository(visibility: Visibility): Promise<string> {
    const name = this.fresh(`${visibility}/r`);
    await this.api('POST', '/repositories', { name, visibility });
    return name;
  }

  async newUser(username = this.fresh('u'), password = this.password): Promise<string> {
    await this.api('POST', '/users', { username, password, role: 'user', mustChangePassword: false });
    return username;
  }

  async newGroup(): Promise<string> {
    return (await this.api('POST', '/groups', { name: this.fresh('g') })).name;
  }

  async newGrant(pattern = this.fresh('private/p')): Promise<{ readonly id: number; readonly pattern: string }> {
    return await this.api('POST', '/permissions', {
      ...{ subject: { type: 'user', name: this.username }, pattern, actions: ['pull'] },
    });
  }

  async newRobot(): Promise<{ readonly name: string; readonly secret: number }> {
    const { name } = await this.api('POST', '/robots', { namespace: 'private', name: this.fresh('bot') });
    const { secrets } = await this.api('GET', `/robots/${encodeURIComponent(name)}`);
    return { name, secret: secrets[0].id };
  }

  /** An image of its own, under a tag of its own. */
  async newImage(repository: string): Promise<{ readonly tag: string; readonly digest: string }> {
    const tag = this.fresh('t');
    const manifest = this.newManifest();
    await this.#v2('PUT', `${repository}/manifests/${tag}`, manifest.bytes, { 'content-type': manifest.mediaType });
    return { tag, digest: manifest.digest };
  }

  /** A manifest that no repository has, of content that all of them have. */
  newManifest(): { readonly mediaType: string; readonly bytes: Buffer; readonly digest: string } {
    const { config, layers } = this.image;
    return json(types.manifest, {
      ...{ schemaVersion: 2, mediaType: types.manifest, config: descriptor(config), layers: layers.map(descriptor) },
      annotations: { number: this.fresh('') },
    });
  }

  async newBlob(repository: string): Promise<string> {
    const { bytes, digest } = this.newContent();
    await this.#v2('POST', `${repository}/blobs/uploads/?digest=${digest}`, bytes);
    return digest;
  }

  newContent(): { readonly bytes: Buffer; readonly digest: string } {
    return content(types.layer, randomBytesOf(this.fresh('blob'), 64));
  }

  /** An upload session of whoever the header speaks for. */
  async newUpload(repository: string, authorization: string): Promise<string> {
    const path = `/v2/${repository}/blobs/uploads/`;
    const answer = await send(this.berth.url, path, { method: 'POST', headers: { authorization } });
    if (answer.status !== 202) throw new Error(`the upload to ${repository} answered ${answer.status}`);
    return new URL(answer.headers.location ?? '', this.berth.url).pathname.split('/').at(-1) ?? '';
  }

  /** How much of each shared upload has arrived. */
  async uploaded(): Promise<string[]> {
    const { username, password } = this.berth.admin;
    const headers = { authorization: basic(username, password) };
    const of = async ([repository, id]: [string, string]): Promise<string> => {
      const answer = await send(this.berth.url, `/v2/${repository}/blobs/uploads/${id}`, { headers });
      return `upload ${repository} ${answer.status} ${answer.headers.range}`;
    };
    return await Promise.all([...this.uploads].map(of));
  }

  /** A file that pages load, below /assets/. */
  async asset(): Promise<string> {
    const page = await send(this.berth.url, '/sign-in');
    return /\/assets\/(app\.\w+\.css)/.exec(page.body.toString())?.[1] ?? '';
  }

  async #v2(method: string, path: string, body: Buffer, headers: Record<string, string> = {}): Promise<void> {
    const { username, password } = this.berth.admin;
    const answer = await send(this.berth.url, `/v2/${path}`, {
      ...{ method, body, headers: { authorization: basic(username, password), ...headers } },
    });
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
  }
}
