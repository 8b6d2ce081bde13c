import type { Berth } from '../../support/berth.js';
import {
  type BuiltImage,
  type Content,
  content,
  descriptor,
  emptyConfig,
  json,
  type Platform,
  randomBytesOf,
  sha256,
  types,
} from '../../support/images.js';
import { addUser } from '../../support/people.js';
import { type Credentials, RegistryClient } from '../../support/registry-client.js';

/** What an image says of itself; anything left out is as a small server's would be. */
export interface Recipe {
  readonly seed: string;
  /** Bytes of each layer that a step adds. */
  readonly steps?: readonly { readonly command: string; readonly bytes?: number }[];
  readonly env?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const usualSteps = [
  { command: '/bin/sh -c #(nop) ADD debian-bookworm-slim.tar.xz /', bytes: 282_301 },
  { command: '/bin/sh -c #(nop) ENV TZ=Asia/Shanghai' },
  { command: 'RUN /bin/sh -c apt-get update && apt-get install -y ca-certificates tzdata # buildkit', bytes: 46_102 },
  { command: 'COPY rootfs/ / # buildkit', bytes: 2_000 },
  { command: 'COPY /out/server /usr/local/bin/ # buildkit', bytes: 135_000 },
  { command: 'ENTRYPOINT ["/usr/local/bin/server"]' },
];

/** An image as a build would make it. Nobody unpacks its layers, so they are only bytes. */
export function bake(recipe: Recipe, platform: Platform = { os: 'linux', architecture: 'amd64' }): BuiltImage {
  const steps = recipe.steps ?? usualSteps;
  const layers = steps.flatMap(({ bytes }, index) =>
    bytes === undefined
      ? []
      : [content(types.layer, randomBytesOf(`${recipe.seed}/${platform.architecture}/${index}`, bytes))],
  );
  const config = json(types.config, {
    created: '2026-11-20T09:38:12Z',
    ...platform,
    config: {
      Entrypoint: ['/usr/local/bin/server'],
      Cmd: ['--config', '/etc/server.yaml'],
      User: '10001:10001',
      WorkingDir: '/srv',
      ExposedPorts: { '8080/tcp': {}, '8443/tcp': {} },
      Env: recipe.env ?? ['PATH=/usr/local/bin:/usr/bin:/bin', 'TZ=Asia/Shanghai', 'GEOIP_API_KEY=gk_5f0c71a9d2e84b'],
      Labels: recipe.labels ?? {
        'org.opencontainers.image.source': 'https://git.quayside.lan/platform/api-gateway',
        'org.opencontainers.image.version': '1.28.3',
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ bytes }) => sha256(bytes)) },
    history: steps.map(({ command, bytes }) => ({
      created: '2026-11-20T09:38:12Z',
      created_by: command,
      ...(bytes === undefined && { empty_layer: true }),
    })),
  });
  const manifest = json(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(config),
    layers: layers.map(descriptor),
    ...(recipe.annotations && { annotations: recipe.annotations }),
  });
  return { kind: 'image', manifest, config, layers, layerTars: [], platform };
}

/** A registry with something in it: what the pages are looked at with. */
export interface Harbour {
  /** May pull and push platform/*, and pull edge/*. */
  readonly chen: Credentials;
  /** Digest of the index that platform/api-gateway:1.28.3 points to. */
  readonly gateway: string;
}

const platforms: readonly Platform[] = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
];

/** Fills an empty Berth through its own API and `/v2/`. */
export async function fillHarbour(berth: Berth): Promise<Harbour> {
  const registry = await RegistryClient.open(berth.url, berth.admin);
  const images = platforms.map((platform) => bake({ seed: 'gateway' }, platform));
  const gateway = { kind: 'index' as const, images, manifest: index(images) };
  for (const tag of ['pr-2231-rate-limit', '1.27.14', '1.28.1', '1.28.2']) {
    await registry.push('platform/api-gateway', tag, bake({ seed: tag }));
  }
  for (const tag of ['latest', '1.28', '1.28.3']) await registry.push('platform/api-gateway', tag, gateway);
  const signature = json(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
    config: descriptor(emptyConfig),
    layers: [descriptor(emptyConfig)],
    subject: descriptor(gateway.manifest),
  });
  await registry.pushBlob('platform/api-gateway', emptyConfig);
  await registry.putManifest('platform/api-gateway', signature.digest, signature);
  const others = ['platform/auth-service', 'payments/ledger', 'edge/camera-agent', 'mirror/library/postgres'];
  for (const name of others) await registry.push(name, '1.0.0', bake({ seed: name }));

  await must(berth, 'POST', '/api/v1/repositories', { name: 'web/customer-console', visibility: 'internal' });
  const describe = (name: string, changes: object) =>
    must(berth, 'PATCH', `/api/v1/repositories/${encodeURIComponent(name)}`, changes);
  await describe('platform/api-gateway', { description: 'Edge router and rate limiter' });
  await describe('payments/ledger', { description: '复式记账服务' });
  await describe('edge/camera-agent', { description: 'Runs on the yard cameras', visibility: 'internal' });
  await describe('mirror/library/postgres', { description: 'Base for our databases', visibility: 'public' });

  const chen = await addUser(berth, 'chenyali', { 'platform/*': ['pull', 'push'], 'edge/*': ['pull'] });
  await addUser(berth, 'ravi.patel', { 'platform/api-gateway': ['pull'] });
  await must(berth, 'PATCH', '/api/v1/users/chenyali', { fullName: '陈雅丽' });
  await must(berth, 'PATCH', '/api/v1/users/ravi.patel', { fullName: 'Ravi Patel' });
  return { chen, gateway: gateway.manifest.digest };
}

async function must(berth: Berth, method: string, path: string, body: unknown): Promise<void> {
  const { status, body: answer } = await berth.api(method, path, body);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
}

function index(images: readonly BuiltImage[]): Content {
  return json(types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: images.map(({ manifest, platform }) => ({ ...descriptor(manifest), platform })),
  });
}
