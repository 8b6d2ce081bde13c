import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Handlebars from 'handlebars';
import { projectRoot } from '../../config/project-root.js';
import type { Assets } from './assets.js';
import { makeHelpers, type RenderData } from './helpers.js';

type Templates = Readonly<Record<string, unknown>>;
/** The types of `handlebars/runtime` are empty; it is Handlebars without its compiler. */
type Runtime = { readonly default: typeof Handlebars };
type Render = (view: string, model: object, data: object) => string;

/** Templates as the build made them: functions already, so nothing compiles text to code while the program runs. */
async function builtTemplates(): Promise<Templates> {
  const file = join(projectRoot(), 'dist', 'bundle', 'views.js');
  const { templates } = (await import(pathToFileURL(file).href)) as { templates: Templates };
  return templates;
}

/** The views by their path below views/. They and Handlebars' runtime are loaded with the first page. */
export class Views {
  #render: Promise<Render> | undefined;

  constructor(
    private readonly assets: Assets,
    private readonly load: () => Promise<Templates> = builtTemplates,
  ) {}

  /** HTML of a view. Throws when the model lacks a field the view prints. */
  async render(view: string, model: object, data: RenderData & { readonly shell: object }): Promise<string> {
    this.#render ??= this.#prepare();
    return (await this.#render)(view, model, data);
  }

  async #prepare(): Promise<Render> {
    const [{ default: runtime }, specifications] = await Promise.all([
      import('handlebars/runtime.js') as unknown as Promise<Runtime>,
      this.load(),
    ]);
    const environment = runtime.create();
    const entries = Object.entries(specifications).map(
      ([name, specification]): [string, Handlebars.TemplateDelegate] => [
        name,
        environment.template(specification as TemplateSpecification),
      ],
    );
    const partials = Object.fromEntries(entries);
    const helpers = makeHelpers(environment, this.assets);
    return (view, model, data) => {
      const template = partials[view];
      if (template === undefined) throw new Error(`no view is called ${view}`);
      return template(model, { data, helpers, partials });
    };
  }
}
