import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public } from '../../access/route-policy.js';
import { Failure } from '../../errors/failure.js';
import { isRepositoryName } from '../../oci/repository-name.js';
import { Pages } from '../navigation/pages.js';
import { urlOfTags } from '../navigation/urls.js';

/** The address that people type: the name alone leads to its tags, where it is said who may see them and whether it is there. */
@Controller('r/*name')
@Public()
export class RepositoryAddress {
  constructor(private readonly pages: Pages) {}

  @Get()
  lead(@Req() { params }: Request, @Res() response: Response): void {
    const name = [params.name]
      .flat()
      .join('/')
      .replace(/(?:\/-)?\/?$/, '');
    if (!isRepositoryName(name)) throw new Failure('NOT_FOUND');
    this.pages.redirect(response, urlOfTags(name));
  }
}
