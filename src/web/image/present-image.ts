import type { ImageChild, ImageContent, ImageDetail, ImageFacts } from '../../images/details.js';
import type { Descriptor } from '../../oci/descriptor.js';
import type { ImageConfig } from '../../oci/image-config.js';
import type { Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfImage, urlOfTag } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';
import { presentDigest } from '../repository/present-tags.js';

export interface ShownImage {
  readonly name: RepositoryName;
  /** What the address names. */
  readonly detail: ImageDetail;
  readonly tag: Tag | undefined;
  readonly url: string;
  /** What the page goes into: `detail` itself, or one child of an index; undefined for a child that is not here. */
  readonly shown: ImageDetail | undefined;
  readonly child: ImageChild | undefined;
  readonly mayDelete: boolean;
}

type Image = ImageFacts & ImageContent;

/** The child of an index that was asked for by platform, else its first. */
export function shownChild(detail: ImageDetail, platform: unknown): ImageChild | undefined {
  if (detail.kind !== 'index') return undefined;
  return detail.children.find((child) => child.platform === platform) ?? detail.children[0];
}

export function presentImage({ name, detail, tag, url, shown, child, mayDelete }: ShownImage, locale: Locale): object {
  const image = shown?.kind === 'image' ? shown : undefined;
  const layers = image === undefined ? [] : presentLayers(image);
  const history = (image?.history ?? []).map(({ command, empty, size }) => ({
    ...splitCommand(command),
    hasLayer: !empty && size !== undefined,
    size,
  }));
  const referrers = [
    ...detail.referrers.map((descriptor) => presentReferrer(name, descriptor)),
    ...(detail.kind === 'index' ? detail.attestations : []).map((attestation) => ({
      label: locale.t('image.attestation'),
      digest: presentDigest(attestation.digest),
      size: attestation.totalSize,
      url: urlOfImage(name, attestation.digest),
    })),
  ];
  const raw = shown ?? detail;
  return {
    image: {
      title: tag ?? presentDigest(detail.digest).short,
      digest: presentDigest(detail.digest),
      otherTags: detail.tags
        .filter((other) => other !== tag)
        .map((other) => ({ name: other, url: urlOfTag(name, other) })),
      mediaType: detail.mediaType,
      artifactType: detail.artifactType,
      size: detail.totalSize,
      sizeLabel: detail.kind === 'index' ? 'image.indexSize' : 'image.size',
      pushedAt: detail.pushedAt,
      pushedBy: detail.pushedBy,
      deleteUrl: mayDelete ? `${url}/delete` : undefined,
    },
    platforms: detail.kind === 'index' ? presentPlatforms(detail.children, child, url) : [],
    shown: {
      label: child?.platform ?? image?.platforms[0] ?? tag ?? presentDigest(detail.digest).short,
      digest: presentDigest(child?.digest ?? detail.digest),
      missing: child !== undefined && shown === undefined,
    },
    anchors: [
      {
        id: 'layers',
        label: image?.config ? 'image.layers' : 'image.files',
        count: layers.length,
        present: layers.length > 0,
      },
      { id: 'history', label: 'image.history', count: history.length, present: history.length > 0 },
      { id: 'config', label: 'image.config', count: 0, present: image?.config !== undefined },
      { id: 'referrers', label: 'image.referrers', count: referrers.length, present: referrers.length > 0 },
      { id: 'raw', label: 'image.manifest', count: 0, present: true },
    ].filter(({ present }) => present),
    layers,
    bars: layers.length > 1 ? presentBars(layers) : [],
    layersHead: image?.config ? 'image.createdBy' : 'image.mediaType',
    history,
    ...presentConfig(image?.config),
    annotations: presentNotes(raw.annotations),
    referrers,
    raw: prettyJson(raw.raw),
    rawUrl: `${urlOfImage(name, raw.digest)}/raw`,
  };
}

function presentPlatforms(children: readonly ImageChild[], shown: ImageChild | undefined, url: string): object[] {
  return children.map((child) => ({
    label: child.platform ?? presentDigest(child.digest).short,
    size: child.totalSize,
    href: withQuery(url, { platform: child.platform }),
    current: child === shown,
  }));
}

interface PresentedLayer {
  readonly number: number;
  readonly size: number;
  /** Of the whole, 0 to 1. */
  readonly share: number;
}

function presentLayers({ layers }: Image): PresentedLayer[] {
  const whole = layers.reduce((sum, { size }) => sum + size, 0);
  return layers.map((layer, index) => ({
    number: index + 1,
    ...(layer.command === undefined ? { verb: undefined, text: layer.mediaType } : splitCommand(layer.command)),
    digest: presentDigest(layer.digest),
    size: layer.size,
    share: whole === 0 ? 0 : layer.size / whole,
  }));
}

/** Units across the bar of layers, and the least a layer takes so that it can be hit. */
const barWidth = 1000;
const leastWidth = 6;

function presentBars(layers: readonly PresentedLayer[]): object[] {
  const widths = layers.map(({ share }) => Math.max(share * barWidth, leastWidth));
  const scale = barWidth / widths.reduce((sum, width) => sum + width, 0);
  let x = 0;
  return layers.map(({ number, size, share }, index) => {
    const width = (widths[index] ?? 0) * scale;
    const bar = { number, size, share, tone: number % 2 === 0 ? 'c2' : 'c1', x: x.toFixed(1), width: width.toFixed(1) };
    x += width;
    return bar;
  });
}

/** The instruction's word stands out: `RUN`, `COPY`. */
function splitCommand(command: string): { verb: string | undefined; text: string } {
  const [, verb, text = ''] = /^([A-Z]{2,12})\s+(.*)$/s.exec(command) ?? [];
  return verb === undefined ? { verb: undefined, text: command } : { verb, text };
}

function presentReferrer(name: RepositoryName, { artifactType, mediaType, digest, size }: Descriptor): object {
  return { label: artifactType || mediaType, digest: presentDigest(digest), size, url: urlOfImage(name, digest) };
}

/** Names under which people leave secrets in images. */
const secretName = /PASS|TOKEN|SECRET|KEY|CREDENTIAL/i;

function presentConfig(config: ImageConfig | undefined): object {
  if (config === undefined) {
    return { hasConfig: false, runtime: [], createdAt: undefined, environment: [], secrets: 0, labels: [] };
  }
  const facts: [label: string, values: readonly string[]][] = [
    ['image.entrypoint', config.entrypoint],
    ['image.cmd', config.cmd],
    ['image.user', config.user ? [config.user] : []],
    ['image.workdir', config.workingDir ? [config.workingDir] : []],
    ['image.ports', config.ports],
    ['image.volumes', config.volumes],
  ];
  const environment = config.env.map(({ name, value }) => ({
    name,
    value,
    secret: secretName.test(name) && value !== '',
  }));
  return {
    hasConfig: true,
    runtime: facts.filter(([, values]) => values.length > 0).map(([label, values]) => ({ label, values })),
    createdAt: config.created,
    environment,
    secrets: environment.filter(({ secret }) => secret).length,
    labels: presentNotes(config.labels),
  };
}

/** Labels and annotations; a value becomes a link only when it is an address of the web. */
function presentNotes(notes: Readonly<Record<string, string>>): object[] {
  return Object.entries(notes).map(([name, value]) => ({ name, value, href: webAddress(value) }));
}

function webAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

/** Indented, unless it is long already: then as it was pushed. */
function prettyJson(text: string): string {
  return text.length > 64 * 1024 ? text : JSON.stringify(JSON.parse(text), null, 2);
}
