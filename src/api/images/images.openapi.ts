import type { ImageDocument } from '../../images/details.js';
import { movesKept } from '../../images/tag-history.store.js';
import { namedSchema } from '../audit/audit.openapi.js';
import { describeResource } from '../openapi/resource.js';
import {
  choice,
  choiceOf,
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
import type { PresentedImage, PresentedMove, PresentedTag } from './present-image.js';
import { deletionCodes, TagsController } from './tags.controller.js';
import { mostNames } from './tags.dto.js';

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
  counts: { annotations: 0, layers: 0, manifests: 1 },
  tags: ['1.28.3', 'latest'],
  hasMoreTags: false,
  referrers: [],
  hasMoreReferrers: false,
  children: [child],
  attestations: [],
};

/** What the members of an image are; of the parts that pushers wrote nothing is promised but their kind. */
const image: Schema = {
  type: 'object',
  properties: {
    kind: choiceOf<PresentedImage['kind']>({ image: true, index: true }),
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
    counts: members<ImageDocument['counts']>({ annotations: count, layers: count, manifests: count }),
    tags: many(text),
    hasMoreTags: flag,
    referrers: many({ type: 'object' }),
    hasMoreReferrers: flag,
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
    'counts',
    'tags',
    'hasMoreTags',
    'referrers',
    'hasMoreReferrers',
  ],
};
const childSchema: Schema = {
  type: 'object',
  properties: { digest, mediaType: text, platform: text, totalSize: count, present: flag },
  required: ['digest', 'mediaType', 'totalSize', 'present'],
};
const move = members<PresentedMove>({ digest: orNull(digest), at: time, actor: orNull(namedSchema), present: flag });
const exampleMove = { digest: sha, at: pushed.pushedAt, actor: { kind: 'user', name: 'ann' }, present: true };
const deletion: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: { name: text, deleted: flag, code: choice(deletionCodes) },
  required: ['name', 'deleted'],
};
const oneTag = {
  schema: extended(image, { name: text }),
  example: { name: '1.28.3', ...exampleImage },
};
const parameters = { name: { description: 'The name of a repository.', example: 'team/app' } };
const schemas = {
  Tag: { ...tag, examples: [exampleTag] },
  Image: { ...image, examples: [exampleImage] },
  ImageChild: { ...childSchema, examples: [child] },
  TagMove: { ...move, examples: [exampleMove] },
  TagDeletion: { ...deletion, examples: [{ name: '1.28.2', deleted: true }] },
};

export const tagsResource = describeResource(
  TagsController,
  'tags',
  {
    list: {
      id: 'listTags',
      summary: 'List the tags of a repository',
      description:
        'The one pushed last first, unless `sort` says otherwise; by `version` compares numbers in the name by their value. Of the platforms of an index the first 32 are told, and a size ends at 2^53 − 1.',
      counts: true,
      answer: { schema: listOf(ref('Tag')), example: { items: [exampleTag] } },
    },
    show: {
      id: 'getTag',
      summary: 'Show the image of a tag',
      description: 'The image it points to now.',
      answer: oneTag,
      errors: ['TAG_INVALID', 'MANIFEST_UNKNOWN'],
    },
    move: {
      id: 'putTag',
      summary: 'Point a tag to an image',
      description:
        'To one that is in the repository, by `digest` or by `reference` (a tag or a digest), as pushing it once more under this tag would: 201 when the tag is new, else 200. May be repeated. The ETag of a tag is the digest it points to.',
      body: { digest: sha },
      answer: oneTag,
      also: 201,
      errors: ['TAG_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
      conditional: true,
    },
    history: {
      id: 'listTagHistory',
      summary: 'List where a tag has pointed',
      description: `The latest first; \`digest\` is null where the tag was deleted, and \`present\` says whether that image is still here. The last ${movesKept.toLocaleString('en')} moves of a tag are kept, also when it was deleted.`,
      answer: { schema: listOf(ref('TagMove')), example: { items: [exampleMove] } },
      errors: ['TAG_INVALID', 'MANIFEST_UNKNOWN'],
    },
    remove: {
      id: 'deleteTag',
      summary: 'Remove a tag',
      description: 'The image and its other tags stay.',
      errors: ['TAG_INVALID', 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'UNSUPPORTED'],
      conditional: true,
    },
    removeMany: {
      id: 'deleteTags',
      summary: 'Remove tags',
      description: `Up to ${mostNames}, each on its own: the answer says of each, in the same order, whether it was deleted or why not.`,
      body: { names: ['1.28.2', '1.28.1'] },
      answer: {
        schema: listOf(ref('TagDeletion')),
        example: {
          items: [
            { name: '1.28.2', deleted: true },
            { name: '1.28.1', deleted: false, code: 'MANIFEST_UNKNOWN' },
          ],
        },
      },
      errors: ['UNSUPPORTED'],
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
      description:
        'Platforms, layers, config, history, sizes, tags and referrers. Of everything that pushers wrote this is the beginning: the first 200 of a list, the first 100 tags and referrers, 4,096 characters of a text, the last of them `…` where something was cut. `counts` and `config.counts` say how much there is, and `…/raw` and `…/config` have all of it.',
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
    config: {
      id: 'getConfig',
      summary: 'Fetch the config of an image',
      description: 'The bytes exactly as they were pushed. An index has none.',
      answer: {
        schema: { type: 'object' },
        example: { architecture: 'amd64', os: 'linux' },
        mediaType: 'application/octet-stream',
      },
      errors: ['DIGEST_INVALID', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN'],
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
