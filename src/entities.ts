import { BlobEntity } from './images/blob.entity.js';
import { BlobLinkEntity } from './images/blob-link.entity.js';
import { ManifestEntity } from './images/manifest.entity.js';
import { ManifestReferenceEntity } from './images/manifest-reference.entity.js';
import { TagEntity } from './images/tag.entity.js';
import { GrantEntity } from './permissions/grant.entity.js';
import { UploadEntity } from './registry/upload.entity.js';
import { RepositoryEntity } from './repositories/repository.entity.js';
import { userEntities } from './users/entities.js';

/** Every table, for the data sources; migrations/ made them. */
export const entities = [
  ...userEntities,
  RepositoryEntity,
  GrantEntity,
  BlobEntity,
  BlobLinkEntity,
  ManifestEntity,
  ManifestReferenceEntity,
  TagEntity,
  UploadEntity,
];
