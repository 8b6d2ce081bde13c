import { Controller, Delete, Get, HttpCode, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Requires } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { Images } from '../../images/images.js';
import { parseDigest } from '../../oci/digest.js';
import { parseRepositoryName } from '../../oci/repository-name.js';
import { type PresentedImage, presentImage } from './present-image.js';

/** Images by digest. */
@Controller('api/v1/repositories/:name/manifests')
export class ImagesController {
  constructor(private readonly images: Images) {}

  @Get(':digest')
  @Requires('pull')
  async show(@Param('name') name: string, @Param('digest') digest: string): Promise<PresentedImage> {
    const image = await this.images.describe(parseRepositoryName(name), parseDigest(digest));
    if (image === undefined) throw new Failure('MANIFEST_UNKNOWN');
    return presentImage(image);
  }

  /** The manifest exactly as it was pushed. Somebody else wrote it, so a browser only ever stores it. */
  @Get(':digest/raw')
  @Requires('pull')
  async raw(@Param('name') name: string, @Param('digest') digest: string, @Res() response: Response): Promise<void> {
    const reference = { kind: 'digest', digest: parseDigest(digest) } as const;
    const manifest = await this.images.findManifest(parseRepositoryName(name), reference);
    if (manifest === undefined) throw new Failure('MANIFEST_UNKNOWN');
    response
      .setHeader('Content-Type', manifest.mediaType)
      .setHeader('Content-Disposition', 'attachment; filename="manifest.json"')
      .setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
      .end(manifest.bytes);
  }

  /** The config exactly as it was pushed, with the same care. It may be of any size. */
  @Get(':digest/config')
  @Requires('pull')
  async config(
    @Req() request: Request,
    @Param('name') name: string,
    @Param('digest') digest: string,
    @Res() response: Response,
  ): Promise<void> {
    const blob = await this.images.openConfig(parseRepositoryName(name), parseDigest(digest));
    try {
      response
        .setHeader('Content-Type', 'application/octet-stream')
        .setHeader('Content-Length', blob.size)
        .setHeader('Content-Disposition', 'attachment; filename="config.json"')
        .setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
      if (request.method !== 'HEAD') await blob.send(response);
      response.end();
    } catch (error) {
      if (!request.socket.destroyed) throw error; // the client went away; nobody is left to answer
    } finally {
      await blob.close();
    }
  }

  /** Removes the image and all of its tags. */
  @Delete(':digest')
  @HttpCode(204)
  @Requires('delete')
  async remove(@Param('name') name: string, @Param('digest') digest: string): Promise<void> {
    await this.images.deleteManifest(parseRepositoryName(name), parseDigest(digest));
  }
}
