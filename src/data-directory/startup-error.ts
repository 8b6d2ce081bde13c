/** Berth cannot start, and the operator can mend it: the message is one plain sentence and holds no secret. */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupError';
  }
}

/** Another process holds the data directory. */
export class DirectoryInUse extends StartupError {
  constructor(path: string) {
    super(`Another Berth is already running on the data directory ${path}.`);
    this.name = 'DirectoryInUse';
  }
}
