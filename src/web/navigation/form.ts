/** The fields of a posted form. A field that is missing, or not text, is empty; repeated fields are a list. */
export class Form {
  readonly #body: Readonly<Record<string, unknown>>;

  /** @param body what the parser of the framework made of it */
  constructor(body: unknown) {
    this.#body = typeof body === 'object' && body !== null ? { ...body } : {};
  }

  /** Without white space around it. */
  text(name: string): string {
    return this.secret(name).trim();
  }

  /** Exactly as typed. */
  secret(name: string): string {
    const value = this.#body[name];
    return typeof value === 'string' ? value : '';
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined;
  }

  all(name: string): string[] {
    const value = this.#body[name];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  }
}

/** One parameter of a query; a repeated one counts as missing. */
export function queryText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
