import { applyDecorators, Get, UseInterceptors } from '@nestjs/common';
import { LinkNextPage } from './link-next-page.js';

/** A route that answers a List: GET, with a link to the next page. */
export const GetPage = (path?: string): MethodDecorator => applyDecorators(Get(path), UseInterceptors(LinkNextPage));
