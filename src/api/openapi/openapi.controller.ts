import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../../access/route-policy.js';
import { programVersion } from '../../config/project-root.js';

/** RFC 8631: where what is linked here is described. */
export const serviceDescription = '</api/openapi.json>; rel="service-desc"; type="application/vnd.oai.openapi+json"';

/** The description of the API. Made when it is first asked for, so that a Berth nobody develops against does not pay for it. */
@Controller('api')
@Public()
export class OpenApiController {
  #document: Promise<Readonly<Record<string, unknown>>> | undefined;

  @Get('openapi.json')
  @Header('Link', serviceDescription)
  json(): Promise<Readonly<Record<string, unknown>>> {
    return this.document();
  }

  @Get('openapi.yaml')
  @Header('Content-Type', 'application/yaml; charset=utf-8')
  @Header('Link', serviceDescription)
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
