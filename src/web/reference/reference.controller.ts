import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignedIn } from '../../access/route-policy.js';
import { addToPolicy } from '../../http/security-headers.js';
import { Pages } from '../navigation/pages.js';

/**
 * What ReDoc needs beyond the policy of all pages (H1b): a worker for its search, made from a blob, and two style elements,
 * each allowed by the hash of its text. The first is empty and gets its rules by script. A new version of ReDoc may need
 * others; test/browser/reference.spec.ts says so.
 */
const redocNeeds = {
  'style-src': [
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
  ],
  'worker-src': ['blob:'],
};

/** The REST API, described and to be tried out. For whoever is signed in (H17): a stranger has nothing to try here. */
@Controller()
@SignedIn()
export class ReferencePages {
  constructor(private readonly pages: Pages) {}

  @Get('docs')
  swagger(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.pages.show(request, response, 'reference/swagger', {});
  }

  @Get('redoc')
  redoc(@Req() request: Request, @Res() response: Response): Promise<void> {
    addToPolicy(response, redocNeeds);
    return this.pages.show(request, response, 'reference/redoc', {});
  }
}
