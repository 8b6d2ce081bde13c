import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { acceptsGzip } from '../../http/gzip.js';
import { Assets } from './assets.js';

@Controller('assets')
export class AssetsController {
  constructor(private readonly assets: Assets) {}

  /** The URL carries a hash of the content, so whatever it answers is good for ever. */
  @Get('*file')
  @Public()
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const asset = this.assets.find(request.path);
    if (asset === undefined) throw new Failure('NOT_FOUND');
    response.set({
      'Content-Type': asset.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
    });
    if (!acceptsGzip(request)) {
      response.end(asset.body);
      return;
    }
    response.set('Content-Encoding', 'gzip').end(await asset.gzip());
  }
}
