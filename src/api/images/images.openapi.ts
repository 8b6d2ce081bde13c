import { describeResource } from '../openapi/resource.js';
import {
  count,
  digest,
  extended,
  flag,
  listOf,
  many,
  mapOf,
  members,
  orNull,
  ref,
  type Schema,
  text,
  time,
} from '../openapi/schema.js';
import { ImagesController } from './images.controller.js';
import type { PresentedTag } from './present-image.js';
import { TagsController } from './tags.controller.js';

const tag = members<PresentedTag>({
  name: text,
  digest,
  mediaType: text,
  totalSize: count,
  platforms: many(text),
  pushedAt: time,
  pushedBy: orNull(text),
  aliases: many(text),
});
const sha = 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
const pushed = {
  digest: sha,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  totalSize: 31_457_280,
  platforms: ['linux/amd64', 'linux/arm64'],
  pushedAt: '2026-11-21T08:00:00.000Z',
  pushedBy: 'ann',
};
const exampleTag = { name: '1.28.3', ...pushed, aliases: ['latest'] };
const child = {
  digest: sha,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platform: 'linux/amd64',
  totalSize: 15_728_640,
  present: true,
};
const exampleImage = {
  kind: 'index',
  ...pushed,
  artifactType: null,
  subject: null,
  size: 857,
  annotations: {},
  tags: ['1.28.3', 'latest'],
  referrers: [],
  children: [child],
  attestations: [],
};

/** What the members of an image are; of the parts that pushers wrote nothing is promised but their kind. */
const image: Schema = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: ['image', 'index'] },
    digest,
    mediaType: text,
    artifactType: orNull(text),
    subject: orNull(digest),
    size: count,
    totalSize: count,
    platforms: many(text),
    annotations: mapOf(text),
    pushedAt: time,
    pushedBy: orNull(text),
    tags: many(text),
    referrers: many({ type: 'object' }),
    configDigest: digest,
    config: { type: 'object' },
    layers: many({
      type: 'object',
      properties: { digest, mediaType: text, size: count, foreign: flag, command: text },
      required: ['digest', 'mediaType', 'size', 'foreign'],
    }),
    history: many({ type: 'object' }),
    children: many(ref('ImageChild')),
    attestations: many(ref('ImageChild')),
  },
  required: [
    'kind',
    'digest',
    'mediaType',
    'size',
    'totalSize',
    'platforms',
    'annotations',
    'pushedAt',
    'tags',
    'referrers',
  ],
};
const childSchema: Schema = {
  type: 'object',
  properties: { digest, mediaType: text, platform: text, totalSize: count, present: flag },
  required: ['digest', 'mediaType', 'totalSize', 'present'],
};
const parameters = { name: { description: 'The name of a repository.', example: 'team/app' } };
const schemas = {
  Tag: { ...tag, examples: [exampleTag] },
  Image: { ...image, examples: [exampleImage] },
  ImageChild: { ...childSchema, examples: [child] },
};

export const tagsResource = describeResource(
  TagsController,
  'tags',
  {
    list: {
      id: 'listTags',
      summary: 'List the tags of a repository',
      description: 'The one pushed last first (`-pushedAt`), or by `name`.',
      answer: { schema: listOf(ref('Tag')), example: { items: [exampleTag] } },
    },
    show: {
      id: 'getTag',
      summary: 'Show the image of a tag',
      description: 'The image it points to now.',
      answer: { schema: extended(image, { name: text }), example: { name: '1.28.3', ...exampleImage } },
      errors: ['TAG_INVALID', 'MANIFEST_UNKNOWN'],
    },
    remove: {
      id: 'deleteTag',
      summary: 'Remove a tag',
      description: 'The image and its other tags stay.',
      errors: ['TAG_INVALID', 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'UNSUPPORTED'],
    },
  },
  { parameters, schemas },
);

export const imagesResource = describeResource(
  ImagesController,
  'images',
  {
    show: {
      id: 'getImage',
      summary: 'Show an image',
      description: 'Platforms, layers, config, history, sizes, tags and referrers.',
      answer: { schema: ref('Image'), example: exampleImage },
      errors: ['DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
    },
    raw: {
      id: 'getManifest',
      summary: 'Fetch a manifest',
      description: 'The bytes exactly as they were pushed, under their own media type.',
      answer: {
        schema: { type: 'object' },
        example: { schemaVersion: 2, manifests: [] },
        mediaType: '*/*',
      },
      errors: ['DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
    },
    remove: {
      id: 'deleteImage',
      summary: 'Remove an image',
      description: 'Its tags go with it.',
      errors: ['DIGEST_INVALID', 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'UNSUPPORTED'],
    },
  },
  { parameters },
);
