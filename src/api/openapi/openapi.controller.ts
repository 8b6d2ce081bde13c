import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../../access/route-policy.js';
import { programVersion } from '../../config/project-root.js';

/** The description of the API. Made when it is first asked for, so that a Berth nobody develops against does not pay for it. */
@Controller('api')
@Public()
export class OpenApiController {
  #document: Promise<Readonly<Record<string, unknown>>> | undefined;

  @Get('openapi.json')
  json(): Promise<Readonly<Record<string, unknown>>> {
    return this.document();
  }

  @Get('openapi.yaml')
  @Header('Content-Type', 'application/yaml; charset=utf-8')
  async yaml(): Promise<string> {
    const { stringify } = await import('yaml');
    return stringify(await this.document(), { aliasDuplicateObjects: false });
  }

  private document(): Promise<Readonly<Record<string, unknown>>> {
    this.#document ??= makeDocument();
    return this.#document;
  }
}

async function makeDocument(): Promise<Readonly<Record<string, unknown>>> {
  const [{ openApiDocument }, { resources }] = await Promise.all([import('./document.js'), import('./resources.js')]);
  return openApiDocument(resources, programVersion());
}
