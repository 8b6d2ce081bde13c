import type { ImageChild, ImageContent, ImageDetail } from '../../images/details.js';
import type { BriefReferrer } from '../../images/referrers.js';
import { jsonShape } from '../../oci/json-shape.js';
import type { Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import { withQuery } from '../navigation/safe-path.js';
import { urlOfConfig, urlOfImage, urlOfTag } from '../navigation/urls.js';
import type { Locale } from '../rendering/locale.js';
import { escapedBytes, PageRoom } from '../rendering/page-bytes.js';
import { type PresentedDigest, presentDigest } from '../repository/present-tags.js';
import { presentConfig, presentNotes } from './present-config.js';
import { shownIn } from './shown.js';

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

type Image = Extract<ImageDetail, ImageContent>;

/** Bytes of a page for each list, and of the markup round one entry without what is written there; about, and rather more. */
const most = {
  tags: 16 * 1024,
  platforms: 24 * 1024,
  layers: 128 * 1024,
  history: 40 * 1024,
  referrers: 16 * 1024,
  raw: 64 * 1024,
};
const markup = { tag: 40, platform: 150, layer: 960, step: 120, referrer: 140 };

/** The child of an index that was asked for by platform, else its first. */
export function shownChild(detail: ImageDetail, platform: unknown): ImageChild | undefined {
  if (detail.kind !== 'index') return undefined;
  return detail.children.find((child) => child.platform === platform) ?? detail.children[0];
}

export function presentImage({ name, detail, tag, url, shown, child, mayDelete }: ShownImage, locale: Locale): object {
  const room = new PageRoom();
  const cut = shownIn(locale);
  const image = shown?.kind === 'image' ? shown : undefined;
  const others = detail.tags
    .filter((other) => other !== tag)
    .map((other) => ({ name: other, url: urlOfTag(name, other) }));
  const otherTags = room.take(others, most.tags, (other) => markup.tag + other.name.length + other.url.length);
  const platforms = room.take(
    detail.kind === 'index' ? presentPlatforms(detail.children, child, url) : [],
    most.platforms,
    ({ label, href }) => markup.platform + escapedBytes(label) + escapedBytes(href),
  );
  const layers = room.take(
    image === undefined ? [] : presentLayers(image),
    most.layers,
    ({ text, digest }) => markup.layer + escapedBytes(text) + digest.full.length,
  );
  const steps = (image?.history ?? []).map(({ command, empty, size }) => ({
    ...splitCommand(command),
    hasLayer: !empty && size !== undefined,
    size,
  }));
  const history = room.take(steps, most.history, ({ text }) => markup.step + escapedBytes(text));
  const config = presentConfig(image?.config, room, cut);
  const raw = shown ?? detail;
  const annotations = presentNotes(raw.annotations, room);
  const allReferrers = [
    ...detail.referrers.map((descriptor) => presentReferrer(name, descriptor)),
    ...(detail.kind === 'index' ? detail.attestations : []).map((attestation) => ({
      label: locale.t('image.attestation'),
      digest: presentDigest(attestation.digest),
      size: attestation.totalSize,
      url: urlOfImage(name, attestation.digest),
    })),
  ];
  const referrers = room.take(
    allReferrers,
    most.referrers,
    (referrer) => markup.referrer + escapedBytes(referrer.label) + referrer.url.length,
  );
  const setsSomething = config.hasRuntime || config.hasEnvironment || config.hasLabels;
  const hasAnnotations = raw.counts.annotations > 0;
  const hasPanels = setsSomething || hasAnnotations || referrers.length > 0;
  const document = prettyJson(raw);
  const text = room.takeText(document, most.raw);
  return {
    image: {
      title: tag ?? presentDigest(detail.digest).short,
      digest: presentDigest(detail.digest),
      otherTags,
      hasMoreTags: detail.hasMoreTags || otherTags.length < others.length,
      mediaType: detail.mediaType,
      artifactType: detail.artifactType,
      size: detail.totalSize,
      sizeLabel: detail.kind === 'index' ? 'image.indexSize' : 'image.size',
      pushedAt: detail.pushedAt,
      pushedBy: detail.pushedBy,
      deleteUrl: mayDelete ? `${url}/delete` : undefined,
    },
    platforms,
    platformsCut:
      detail.kind === 'index' ? cut(platforms.length, detail.counts.manifests - detail.attestations.length) : undefined,
    shown: {
      label: child?.platform ?? image?.platforms[0] ?? tag ?? presentDigest(detail.digest).short,
      digest: presentDigest(child?.digest ?? detail.digest),
      missing: child !== undefined && shown === undefined,
    },
    anchors: [
      {
        id: 'layers',
        label: image?.config ? 'image.layers' : 'image.files',
        count: image?.counts.layers ?? 0,
        present: layers.length > 0,
      },
      { id: 'history', label: 'image.history', count: image?.config?.counts.history ?? 0, present: history.length > 0 },
      { id: 'config', label: 'image.config', count: 0, present: image?.config !== undefined },
      { id: 'referrers', label: 'image.referrers', count: referrers.length, present: referrers.length > 0 },
      { id: 'raw', label: 'image.manifest', count: 0, present: true },
    ].filter(({ present }) => present),
    layers,
    layersCut: cut(layers.length, image?.counts.layers ?? 0),
    bars: layers.length > 1 ? presentBars(layers) : [],
    layersHead: image?.config ? 'image.createdBy' : 'image.mediaType',
    history,
    historyCut: cut(history.length, image?.config?.counts.history ?? 0),
    ...config,
    setsNothing: config.hasConfig && !setsSomething,
    hasConfigSection: config.hasConfig || hasPanels,
    hasPanels,
    configUrl: image?.config && urlOfConfig(name, image.digest),
    hasAnnotations,
    annotations,
    annotationsCut: cut(annotations.length, raw.counts.annotations),
    referrers,
    hasMoreReferrers: detail.hasMoreReferrers || referrers.length < allReferrers.length,
    raw: text,
    rawIsCut: !raw.rawIsWhole || text.length < document.length,
    rawUrl: `${urlOfImage(name, raw.digest)}/raw`,
  };
}

function presentPlatforms(children: readonly ImageChild[], shown: ImageChild | undefined, url: string) {
  return children.map((child) => ({
    label: child.platform ?? presentDigest(child.digest).short,
    size: child.totalSize,
    href: withQuery(url, { platform: child.platform }),
    current: child === shown,
  }));
}

interface PresentedLayer {
  readonly text: string;
  readonly digest: PresentedDigest;
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

function presentReferrer(name: RepositoryName, { artifactType, mediaType, digest, size }: BriefReferrer) {
  return { label: artifactType || mediaType, digest: presentDigest(digest), size, url: urlOfImage(name, digest) };
}

/** Longest document that is indented, and the most brackets in brackets: each adds to every line. */
const longestPretty = 32 * 1024;
const deepestPretty = 16;

/** Indented, unless it is long or deep: then as it was pushed. */
function prettyJson({ raw, rawIsWhole }: ImageDetail): string {
  if (!rawIsWhole || raw.length > longestPretty || jsonShape(Buffer.from(raw)).depth > deepestPretty) return raw;
  return JSON.stringify(JSON.parse(raw), null, 2);
}
