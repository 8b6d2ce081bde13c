import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { AlsoOnFullDisk } from '../../http/session/also-on-full-disk.js';
import { Images } from '../../images/images.js';
import type { Digest } from '../../oci/digest.js';
import { parseDigest } from '../../oci/digest.js';
import { parseTag, type Tag } from '../../oci/reference.js';
import type { RepositoryName } from '../../oci/repository-name.js';
import { Form } from '../navigation/form.js';
import { Pages } from '../navigation/pages.js';
import { repositoryOf, urlOfImage, urlOfTag, urlOfTags } from '../navigation/urls.js';
import { presentPull, pullClientOf } from '../repository/present-pull.js';
import { presentRepository } from '../repository/present-repository.js';
import { presentDigest } from '../repository/present-tags.js';
import { ShownRepositories } from '../repository/shown-repository.js';
import { presentDeletion } from './present-deletion.js';
import { presentImage, shownChild } from './present-image.js';

/** An image under the address that was asked for: a tag, which may move, or the digest itself. */
interface Asked {
  readonly digest: Digest;
  readonly tag: Tag | undefined;
  readonly url: string;
}

/** Pages of an image, by tag under `/t/` and by digest under `/m/`. */
@Controller('r/*name/-')
export class ImagePages {
  constructor(
    private readonly pages: Pages,
    private readonly shown: ShownRepositories,
    private readonly images: Images,
  ) {}

  @Get(['t/:tag', 'm/:digest'])
  @Requires('pull')
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { name, repository, allowed, origin } = await this.shown.find(request);
    const locale = await this.pages.locale(request);
    const { digest, tag, url } = await this.#find(name, request);
    const detail = await this.images.describe(name, digest);
    if (detail === undefined) throw new Failure('MANIFEST_UNKNOWN');
    const child = shownChild(detail, request.query.platform);
    const shown = child === undefined ? detail : await this.images.describe(name, child.digest);
    const client = pullClientOf(request.query.client, request.cookies?.client);
    const pulled = { host: new URL(origin).host, name, tag, digest: detail.digest, path: url };
    await this.pages.show(request, response, 'image/show', {
      repository: presentRepository(repository, allowed, locale),
      pull: presentPull(pulled, client, locale),
      ...presentImage({ name, detail, tag, url, shown, child, mayDelete: allowed.has('delete') }, locale),
    });
  }

  /** The manifest exactly as it was pushed, to be saved and never to be shown as a page. */
  @Get('m/:digest/raw')
  @Requires('pull')
  async raw(@Req() request: Request, @Res() response: Response): Promise<void> {
    const name = repositoryOf(request);
    const digest = parseDigest(String(request.params.digest));
    const manifest = await this.images.findManifest(name, { kind: 'digest', digest });
    if (manifest === undefined) throw new Failure('MANIFEST_UNKNOWN');
    const { short } = presentDigest(digest);
    response
      .set({
        'Content-Type': 'application/json',
        'Content-Disposition': `attachment; filename="manifest-${short}.json"`,
        'Cache-Control': 'no-store',
      })
      .end(manifest.bytes);
  }

  @Get(['t/:tag/delete', 'm/:digest/delete'])
  @Requires('delete')
  async askDelete(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { name, repository, allowed } = await this.#deletable(request);
    const locale = await this.pages.locale(request);
    const asked = await this.#find(name, request);
    const detail = await this.images.summarize(name, asked.digest);
    if (detail === undefined) throw new Failure('MANIFEST_UNKNOWN');
    await this.pages.show(request, response, 'image/delete', {
      repository: presentRepository(repository, allowed, locale),
      ...presentDeletion({ ...asked, detail }, locale),
    });
  }

  /**
   * Removes the tag alone, or the digest with every tag. What was confirmed is the digest on the page, so a tag that has
   * moved since is left alone.
   */
  @Post(['t/:tag/delete', 'm/:digest/delete'])
  @AlsoOnFullDisk()
  @Requires('delete')
  async delete(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const { name } = await this.#deletable(request);
    const form = new Form(body);
    const { digest, tag } = await this.#find(name, request);
    if (form.text('digest') !== digest) throw new Failure('CONFLICT');
    if (form.text('what') === 'image') {
      await this.images.deleteManifest(name, digest);
      const { short } = presentDigest(digest);
      this.pages.redirect(response, urlOfTags(name), { tone: 'ok', key: 'imageDeleted', values: { digest: short } });
    } else if (tag !== undefined) {
      await this.images.deleteTag(name, tag, (current) => current === undefined || current === digest);
      this.pages.redirect(response, urlOfTags(name), { tone: 'ok', key: 'tagRemoved', values: { tag } });
    } else throw new Failure('VALIDATION_FAILED');
  }

  async #deletable(request: Request): ReturnType<ShownRepositories['find']> {
    const shown = await this.shown.find(request);
    if (!shown.allowed.has('delete')) throw new Failure('UNSUPPORTED');
    return shown;
  }

  /** Throws TAG_INVALID, DIGEST_INVALID or MANIFEST_UNKNOWN. */
  async #find(name: RepositoryName, { params }: Request): Promise<Asked> {
    const tag = params.tag === undefined ? undefined : parseTag(String(params.tag));
    const digest = tag === undefined ? parseDigest(String(params.digest)) : await this.#digestOf(name, tag);
    if (digest === undefined) throw new Failure('MANIFEST_UNKNOWN');
    return { digest, tag, url: tag === undefined ? urlOfImage(name, digest) : urlOfTag(name, tag) };
  }

  async #digestOf(name: RepositoryName, tag: Tag): Promise<Digest | undefined> {
    return (await this.images.findManifest(name, { kind: 'tag', tag }))?.digest;
  }
}
