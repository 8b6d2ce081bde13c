/** One thing an operator can decide. The table in settings.ts is what the loader, `.env.example` and docs/configuration.md read. */
export interface Setting<T> {
  readonly name: string;
  /** Where it stands in the YAML file. */
  readonly key: string;
  readonly parse: (text: string) => T;
  /** In the grammar of `parse`. Settings without one say in `unset` what happens. */
  readonly default?: string;
  readonly unset?: string;
  /** Never shown; can also be read from a file named by NAME_FILE. */
  readonly secret?: true;
  readonly aliases?: readonly Alias[];
  readonly doc: string;
}

/** A name other registries use for the same thing. `read` translates its value; undefined means it says nothing. */
export interface Alias {
  readonly name: string;
  readonly read?: (text: string) => string | undefined;
}

/** Keeps the type of `parse` for the loader. */
export function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}
