import type { ImageDetail } from '../../images/details.js';
import { Languages } from '../../languages/languages.js';
import { makeDigest } from '../../oci/digest.js';
import { parseTag } from '../../oci/reference.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { Locale } from '../rendering/locale.js';
import { presentImage, shownChild } from './present-image.js';

const digest = (character: string) => makeDigest('sha256', character.repeat(64));
const facts = {
  digest: digest('a'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: null,
  subject: null,
  size: 500,
  totalSize: 1_000_500,
  platforms: ['linux/amd64'],
  annotations: {},
  counts: { annotations: 0, layers: 2, manifests: 2 },
  pushedAt: new Date(0),
  pushedBy: 'linwei',
  raw: '{"schemaVersion":2}',
  rawIsWhole: true,
  tags: [parseTag('1.0'), parseTag('latest')],
  hasMoreTags: false,
  referrers: [],
  hasMoreReferrers: false,
};
const image: Extract<ImageDetail, { kind: 'image' }> = {
  ...facts,
  kind: 'image',
  configDigest: digest('b'),
  config: {
    entrypoint: ['/server'],
    cmd: [],
    env: [
      { name: 'PATH', value: '/bin' },
      { name: 'DB_PASSWORD', value: 'x' },
      { name: 'API_TOKEN', value: '' },
    ],
    ports: [],
    volumes: [],
    labels: { source: 'https://git.example/app', bad: 'javascript:alert(1)', odd: 'https://' },
    history: [],
    counts: { entrypoint: 1, cmd: 0, env: 3, ports: 0, volumes: 0, labels: 3, history: 2 },
  },
  layers: [
    { digest: digest('c'), mediaType: 'layer', size: 999_999, foreign: false, command: 'COPY a b' },
    { digest: digest('d'), mediaType: 'layer', size: 1, foreign: false, command: 'lower case' },
  ],
  history: [
    { command: 'COPY a b', empty: false, size: 999_999 },
    { command: 'ENV A=b', empty: true },
  ],
};

interface Presented {
  readonly bars: readonly { readonly x: string; readonly width: string }[];
  readonly layers: readonly { readonly verb?: string; readonly text: string }[];
  readonly environment: readonly { readonly secret: boolean }[];
  readonly secrets: number;
  readonly labels: readonly { readonly href?: string }[];
  readonly layersHead: string;
  readonly hasConfigSection: boolean;
  readonly anchors: readonly { readonly label: string }[];
  readonly platforms: readonly { readonly current: boolean }[];
  readonly referrers: readonly object[];
  readonly shown: { readonly missing: boolean };
}

describe('presentImage', () => {
  async function present(
    detail: ImageDetail,
    { shown, platform }: { readonly shown?: ImageDetail; readonly platform?: string },
  ): Promise<Presented> {
    const locale = new Locale('en', await new Languages().translator('en'), 'UTC');
    const name = parseRepositoryName('team/app');
    const child = shownChild(detail, platform);
    const model = presentImage(
      { name, detail, tag: parseTag('1.0'), url: '/r/team/app/-/t/1.0', shown, child, mayDelete: false },
      locale,
    );
    return model as Presented; // a view model is whatever its view reads; these are the parts looked at here
  }

  test('layers fill the bar, and the smallest can still be hit', async () => {
    const { bars, layers } = await present(image, { shown: image });
    const { x, width } = bars[1] ?? { x: '', width: '' };
    expect(Number(x) + Number(width)).toBeCloseTo(1000, 0);
    expect(Number(width)).toBeGreaterThan(5);
    expect(layers.map(({ verb, text }) => [verb, text])).toEqual([
      ['COPY', 'a b'],
      [undefined, 'lower case'],
    ]);
  });

  test('values that look like secrets are covered, unless there is nothing to cover', async () => {
    const { environment, secrets } = await present(image, { shown: image });
    expect(environment.map(({ secret }) => secret)).toEqual([false, true, false]);
    expect(secrets).toBe(1);
  });

  test('only addresses of the web become links', async () => {
    const { labels } = await present(image, { shown: image });
    expect(labels.map(({ href }) => href)).toEqual(['https://git.example/app', undefined, undefined]);
  });

  test('an artifact without a config shows its files and no error', async () => {
    const artifact = {
      ...image,
      config: undefined,
      history: [],
      artifactType: 'application/vnd.cncf.helm.config',
    };
    const files = [{ digest: digest('c'), mediaType: 'application/x-tar', size: 3, foreign: false }];
    const { layersHead, hasConfigSection, anchors } = await present(artifact, {
      shown: { ...artifact, layers: files },
    });
    expect([layersHead, hasConfigSection, anchors[0]?.label]).toEqual(['image.mediaType', false, 'image.files']);
  });

  test('an index shows the platform that was asked for, and says when that is not here', async () => {
    const child = (platform: string, character: string, present: boolean) => ({
      digest: digest(character),
      mediaType: facts.mediaType,
      platform,
      totalSize: 10,
      present,
    });
    const index: ImageDetail = {
      ...facts,
      kind: 'index',
      children: [child('linux/amd64', 'e', true), child('linux/arm64', 'f', false)],
      attestations: [child('unknown/unknown', '0', true)],
    };
    const first = await present(index, { shown: image });
    expect(first.platforms.map(({ current }) => current)).toEqual([true, false]);
    expect(first.referrers).toHaveLength(1);
    const second = await present(index, { platform: 'linux/arm64' });
    expect(second.platforms.map(({ current }) => current)).toEqual([false, true]);
    expect([first.shown.missing, second.shown.missing]).toEqual([false, true]);
  });
});
