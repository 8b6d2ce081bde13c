import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { Requires } from '../../access/route-policy.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Failure } from '../../errors/failure.js';
import { Images } from '../../images/images.js';
import { parseTag } from '../../oci/reference.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { GetPage } from '../lists/get-page.js';
import { placeOf } from '../lists/list-query.js';
import { type List, presentList } from '../lists/present-list.js';
import { type PresentedImage, type PresentedTag, presentImage, presentTag } from './present-image.js';
import { TagsQuery } from './tags.dto.js';

/** The tags of a repository. Removing one leaves the image and its other tags alone. */
@Controller('api/v1/repositories/:name/tags')
export class TagsController {
  constructor(
    private readonly images: Images,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The one pushed last first, unless `sort=name`. */
  @GetPage()
  @Requires('pull')
  async list(@Param('name') name: string, @Query() query: TagsQuery): Promise<List<PresentedTag>> {
    const sort = query.sort === 'name' ? 'name' : 'pushed';
    const page = await this.images.pageTags(parseRepositoryName(name), { ...placeOf(query), q: query.q, sort });
    return presentList(page, presentTag);
  }

  /** The image the tag points to now. */
  @Get(':tag')
  @Requires('pull')
  async show(
    @Param('name') name: string,
    @Param('tag') text: string,
  ): Promise<PresentedImage & { readonly name: string }> {
    const repository = parseRepositoryName(name);
    const tag = parseTag(text);
    const manifest = await this.images.findManifest(repository, { kind: 'tag', tag });
    const image = manifest && (await this.images.describe(repository, manifest.digest));
    if (image === undefined) throw new Failure('MANIFEST_UNKNOWN');
    return { name: tag, ...presentImage(image) };
  }

  @Delete(':tag')
  @HttpCode(204)
  @Requires('delete')
  async remove(@Param('name') name: string, @Param('tag') tag: string): Promise<void> {
    if (!this.config.registry.deleteEnabled) throw new Failure('UNSUPPORTED');
    await this.images.deleteTag(parseRepositoryName(name), parseTag(tag));
  }
}
