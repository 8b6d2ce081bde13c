import type { Answer, Question } from '../support/http.js';
import { type Content, content, descriptor, json, types } from '../support/images.js';
import { addUser } from '../support/people.js';
import { type Credentials, RegistryClient } from '../support/registry-client.js';
import type { Way } from '../support/ways.js';

/** Where a chapter makes its claims: one Berth, reached in one way, and somebody who may do everything below `conf/`. */
export interface Ground {
  readonly way: Way;
  readonly client: RegistryClient;
  readonly who: Credentials;
  /** One request with a token for exactly what its method takes. */
  ask(method: string, repository: string, path: string, question?: Question): Promise<Answer>;
}

/** Claims about one part of the specification; `ground()` answers once the tests run. */
export type Chapter = (ground: () => Ground) => void;

export async function layGround(way: Way): Promise<Ground> {
  const who = await addUser(way.berth, 'conformer', { 'conf/*': ['push', 'delete'] });
  const client = await RegistryClient.open(way.url, who, way.agent);
  return {
    way,
    client,
    who,
    ask: (method, repository, path, question = {}) =>
      client.request(repository, path, { ...question, method, actions: actionsOf(method) }),
  };
}

function actionsOf(method: string): string {
  if (method === 'DELETE') return 'delete';
  return method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
}

/**
 * A claim of opencontainers/distribution-spec, spec.md as of 2026-07-16 (967efdc), in its own words.
 * @param line - of spec.md
 */
export function requirement(line: number, words: string, proof: () => Promise<void>): void {
  test(`spec.md:${line} ${words}`, proof);
}

/** The blob that artifacts without a config name (image-spec "Guidance for an Empty Descriptor"). */
export const emptyJson = content('application/vnd.oci.empty.v1+json', Buffer.from('{}'));

export function imageManifest(fields: object = {}, config: Content = emptyJson): Content {
  const body = { schemaVersion: 2, mediaType: types.manifest, config: descriptor(config), layers: [], ...fields };
  return json(types.manifest, body);
}

export function indexManifest(fields: object = {}): Content {
  return json(types.index, { schemaVersion: 2, mediaType: types.index, manifests: [], ...fields });
}

/** Puts a manifest and expects it to be taken; the empty config is pushed before it. */
export async function putManifest(ground: Ground, repository: string, reference: string, manifest: Content) {
  await ground.client.pushBlob(repository, emptyJson);
  const answer = await ground.client.putManifest(repository, reference, manifest);
  expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 201, body: '' });
  return answer;
}

/** The first error of the specification's error document. */
export function codeOf({ body }: Answer): string {
  return JSON.parse(body.toString()).errors[0].code;
}

export function parsed({ body }: Answer) {
  return JSON.parse(body.toString());
}

/** A Location as a request of the same client: it has to lead back to where the client is. */
export function pathOf({ headers }: Answer, { url }: Way): string {
  const location = new URL(String(headers.location), url);
  expect(location.origin).toBe(url);
  return location.pathname + location.search;
}
