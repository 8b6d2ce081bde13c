import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public } from '../../access/route-policy.js';
import { programVersion } from '../../config/project-root.js';
import { KeptAnswer } from '../../http/kept-answer.js';

interface Descriptions {
  readonly json: KeptAnswer;
  readonly yaml: KeptAnswer;
}

/** What the thread answers; the compressed ones come as plain byte arrays. */
interface Rendered {
  readonly yaml: string;
  readonly jsonGzip: Uint8Array;
  readonly yamlGzip: Uint8Array;
}

/** The description of the API. Made once, when it is first asked for: a Berth nobody develops against does not pay for it. */
@Controller('api')
@Public()
export class OpenApiController {
  #made: Promise<Descriptions> | undefined;

  @Get('openapi.json')
  async json(@Req() request: Request, @Res() response: Response): Promise<void> {
    (await this.#descriptions()).json.send(request, response);
  }

  @Get('openapi.yaml')
  async yaml(@Req() request: Request, @Res() response: Response): Promise<void> {
    (await this.#descriptions()).yaml.send(request, response);
  }

  /** A failure is not kept: whoever asks next tries again. */
  async #descriptions(): Promise<Descriptions> {
    this.#made ??= describe();
    try {
      return await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }
}

async function describe(): Promise<Descriptions> {
  const [{ openApiDocument }, { resources }] = await Promise.all([import('./document.js'), import('./resources.js')]);
  const json = JSON.stringify(openApiDocument(resources, programVersion()));
  const worker = new Worker(new URL('./openapi-worker.js', import.meta.url), { workerData: json });
  const [{ yaml, jsonGzip, yamlGzip }] = (await once(worker, 'message')) as [Rendered]; // its only message
  return {
    json: new KeptAnswer('application/json; charset=utf-8', json, jsonGzip),
    yaml: new KeptAnswer('application/yaml; charset=utf-8', yaml, yamlGzip),
  };
}
