import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires } from '../../access/route-policy.js';
import { Failure, isFailure } from '../../errors/failure.js';
import { Tagged } from '../../http/if-match.js';
import { requestSeeker } from '../../http/request-seeker.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { requestPrincipal } from '../../http/session/signed-in.js';
import { Images } from '../../images/images.js';
import type { TagSort } from '../../images/tags.store.js';
import { type Digest, parseDigest } from '../../oci/digest.js';
import { allowsChange } from '../../oci/precondition.js';
import { isTag, parseReference, parseTag, type Reference } from '../../oci/reference.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { Repositories } from '../../repositories/repositories.js';
import { GetPage } from '../lists/get-page.js';
import { PageQuery, placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { existingRepository } from '../repositories/existing-repository.js';
import {
  type PresentedImage,
  type PresentedMove,
  type PresentedTag,
  presentImage,
  presentMove,
  presentTag,
} from './present-image.js';
import { DeleteTagsBody, MoveTagBody, TagsQuery } from './tags.dto.js';

/** Why one of many tags is still there. */
export const deletionCodes = ['TAG_INVALID', 'MANIFEST_UNKNOWN'] as const;
/** What became of one of many tags. */
export type TagDeletion =
  | { readonly name: string; readonly deleted: true }
  | { readonly name: string; readonly deleted: false; readonly code: (typeof deletionCodes)[number] };

type PresentedTagImage = PresentedImage & { readonly name: string };

/** The tags of a repository. The ETag of a tag is the digest it points to; removing one leaves the image and its other tags alone. */
@Controller('api/v1/repositories/:name')
export class TagsController {
  constructor(
    private readonly repositories: Repositories,
    private readonly images: Images,
  ) {}

  /** The one pushed last first, unless `sort` says otherwise. */
  @GetPage('tags')
  @Requires('pull')
  async list(
    @Req() request: Request,
    @Param('name') name: string,
    @Query() query: TagsQuery,
  ): Promise<List<PresentedTag>> {
    const { name: repository } = await existingRepository(this.repositories, name);
    const { q, sort = '-pushedAt' } = query;
    const by = requestSeeker(request);
    const [page, total] = await Promise.all([
      this.images.pageTags(repository, { ...placeOf(query, isPlaceOfTag(sort)), q, sort, by }),
      this.images.countTags(repository, q, by),
    ]);
    return presentList(page, presentTag, total);
  }

  /** The image the tag points to now. */
  @Get('tags/:tag')
  @Tagged(entityTagOf)
  @Requires('pull')
  async show(@Param('name') name: string, @Param('tag') text: string): Promise<PresentedTagImage> {
    const repository = parseRepositoryName(name);
    const tag = parseTag(text);
    const manifest = await this.images.findManifest(repository, { kind: 'tag', tag });
    const image = manifest && (await this.images.describe(repository, manifest.digest));
    if (image === undefined) throw new Failure('MANIFEST_UNKNOWN');
    return { name: tag, ...presentImage(image) };
  }

  /** Points the tag to an image of the same repository, as pushing that image under it would: 201 when the tag is new, else 200. */
  @Put('tags/:tag')
  @Tagged(entityTagOf)
  @Requires('push')
  async move(
    @Req() request: Request,
    @Param('name') name: string,
    @Param('tag') text: string,
    @Body() body: MoveTagBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PresentedTagImage> {
    const repository = parseRepositoryName(name);
    const tag = parseTag(text);
    const { created } = await this.images.moveTag({
      repository,
      tag,
      target: targetOf(body),
      by: requestPrincipal(request),
      allowed: (digest) => allowsChange(request.headers, digest && entityTagOf({ digest })),
    });
    response.status(created ? 201 : 200);
    if (created) response.location(`/api/v1/repositories/${encodeURIComponent(repository)}/tags/${tag}`);
    return await this.show(name, text);
  }

  /** Where the tag has pointed, the latest first, also when it was deleted since. */
  @GetPage('tags/:tag/history')
  @Requires('pull')
  async history(
    @Param('name') name: string,
    @Param('tag') tag: string,
    @Query() query: PageQuery,
  ): Promise<List<PresentedMove>> {
    const page = await this.images.tagHistory(parseRepositoryName(name), parseTag(tag), placeOf(query));
    if (page.items.length === 0 && query.cursor === undefined) throw new Failure('MANIFEST_UNKNOWN');
    return presentList(page, presentMove);
  }

  @Delete('tags/:tag')
  @HttpCode(204)
  @Requires('delete')
  async remove(@Req() request: Request, @Param('name') name: string, @Param('tag') tag: string): Promise<void> {
    await this.images.deleteTag(parseRepositoryName(name), parseTag(tag), (digest) =>
      allowsChange(request.headers, digest && entityTagOf({ digest })),
    );
  }

  /** Each on its own: one that is not there does not keep the others. In the order they were named. */
  @Post('tags\\:delete')
  @AlsoOnFullDisk()
  @HttpCode(200)
  @Requires('delete')
  async removeMany(@Param('name') name: string, @Body() { names }: DeleteTagsBody): Promise<List<TagDeletion>> {
    const { name: repository } = await existingRepository(this.repositories, name);
    const remove = async (tag: string): Promise<TagDeletion> => {
      try {
        await this.images.deleteTag(repository, parseTag(tag));
        return { name: tag, deleted: true };
      } catch (error) {
        for (const code of deletionCodes) if (isFailure(error, code)) return { name: tag, deleted: false, code };
        throw error;
      }
    };
    return { items: await Promise.all(names.map(remove)) };
  }
}

/** A client can tell it from the digest it knows. */
function entityTagOf({ digest }: { readonly digest: Digest }): string {
  return `"${digest}"`;
}

const isPlaceOfTag = (sort: TagSort) => (place: string) =>
  isTag(/^-?(pushedAt|size)$/.test(sort) ? place.replace(/^\d{1,16}:/, '') : place);

function targetOf({ digest, reference }: MoveTagBody): Reference {
  if (digest !== undefined && reference === undefined) return { kind: 'digest', digest: parseDigest(digest) };
  if (reference !== undefined && digest === undefined) return parseReference(reference);
  throw new Failure('VALIDATION_FAILED', {
    detail: [{ pointer: '/digest', message: 'either digest or reference must be given' }],
  });
}
