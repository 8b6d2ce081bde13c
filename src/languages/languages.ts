import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Language, languages } from '../config/config.js';
import { projectRoot } from '../config/project-root.js';

/**
 * The text of a key such as `repositories.title`. `{name}` in a text is replaced by the value of that name; `count` also
 * chooses the plural form. Nothing is escaped: that is up to whoever renders it.
 */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

type Catalogue = Record<string, unknown>;

/** The catalogues of `locales/<language>/<file>.json`, read when the first text is wanted. */
export class Languages {
  #translators: Promise<ReadonlyMap<Language, Translate>> | undefined;

  constructor(private readonly directory = join(projectRoot(), 'locales')) {}

  async translator(language: Language): Promise<Translate> {
    this.#translators ??= this.#load();
    const translate = (await this.#translators).get(language);
    if (translate === undefined) throw new Error(`no catalogue for ${language}`);
    return translate;
  }

  async #load(): Promise<ReadonlyMap<Language, Translate>> {
    const { createInstance } = await import('i18next');
    const resources = await Promise.all(
      languages.map(async (language) => [
        language,
        { translation: await readCatalogue(join(this.directory, language)) },
      ]),
    );
    const instance = createInstance();
    await instance.init({
      resources: Object.fromEntries(resources),
      supportedLngs: [...languages],
      fallbackLng: false,
      nsSeparator: false,
      interpolation: { prefix: '{', suffix: '}', escapeValue: false },
    });
    // Values fill gaps and are nothing else: among the options one named `lng` or `defaultValue` would choose what is said.
    return new Map(
      languages.map((language): [Language, Translate] => {
        const translate = instance.getFixedT(language);
        return [language, (key, values) => (values ? translate(key, optionsOf(values)) : translate(key))];
      }),
    );
  }
}

function optionsOf(values: Readonly<Record<string, string | number>>) {
  const { count } = values;
  return { replace: values, ...(typeof count === 'number' && { count }) };
}

/** Every file of a language in one object: `errors.json` under `errors`. */
async function readCatalogue(directory: string): Promise<Catalogue> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.json'));
  const parts = await Promise.all(
    files.map(
      async (file): Promise<[string, unknown]> => [
        basename(file, '.json'),
        JSON.parse(await readFile(join(directory, file), 'utf8')),
      ],
    ),
  );
  return Object.fromEntries(parts);
}
