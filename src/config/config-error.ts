/** The settings cannot be used. The message names every problem and never the value of a secret. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      problems.length === 1
        ? `Berth cannot start: ${problems[0]}.`.replace('?.', '?')
        : `Berth cannot start; ${problems.length} settings are wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}
