import { describeResource } from '../openapi/resource.js';
import { choiceOf, count, listOf, members, orNull, ref, text, time } from '../openapi/schema.js';
import { type PresentedUpload, UploadsController } from './uploads.controller.js';

const upload = members<PresentedUpload>({
  id: text,
  account: members<PresentedUpload['account']>({
    type: choiceOf<PresentedUpload['account']['type']>({ user: true, robot: true }),
    name: orNull(text),
  }),
  repository: text,
  bytes: count,
  createdAt: time,
  idleSeconds: count,
});
const example = {
  id: '0f1c7c5e-8a53-4c0b-9a52-3f0e6f1d2b4a',
  account: { type: 'robot', name: 'team+ci' },
  repository: 'team/app',
  bytes: 73_400_320,
  createdAt: '2026-11-20T09:38:12.000Z',
  idleSeconds: 4,
};

export const uploadsResource = describeResource(
  UploadsController,
  'uploads',
  {
    list: {
      id: 'listUploads',
      summary: 'List unfinished uploads',
      description:
        'Your own, the oldest first; an administrator is shown everybody’s. `bytes` is what it takes on the disk, `idleSeconds` how long nothing has come.',
      answer: { schema: listOf(ref('Upload')), example: { items: [example] } },
    },
    show: {
      id: 'getUpload',
      summary: 'Show an unfinished upload',
      description: 'Somebody else’s does not exist, except to administrators.',
      answer: { schema: ref('Upload'), example },
    },
    end: {
      id: 'endUpload',
      summary: 'End an unfinished upload',
      description: 'Whoever writes to it is cut off, and its bytes are free at once.',
    },
  },
  {
    parameters: { id: { description: 'The id of an upload.', example: example.id, schema: text } },
    schemas: { Upload: { ...upload, examples: [example] } },
  },
);
