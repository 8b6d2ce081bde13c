import { type ChildProcess, spawn } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and returns what it said; a program that cannot be started rejects. */
export function run(
  command: string,
  parameters: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      env: options.env,
      cwd: options.cwd,
      timeout: options.timeoutMs ?? 300_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    child.stdin.on('error', () => undefined); // a program may end without reading its input
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed; otherwise throws with everything it said. */
export async function mustRun(...parameters: Parameters<typeof run>): Promise<Ran> {
  const ran = await run(...parameters);
  if (ran.code !== 0) {
    const [command, rest] = parameters;
    throw new Error(`${command} ${rest.join(' ')} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  }
  return ran;
}

/** A program that keeps running: its output as text, and ends that can be awaited. */
export class Background {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  readonly #waiting = new Set<() => void>();
  #text = '';
  #errors = '';
  #code: number | undefined;

  constructor(command: string, parameters: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    this.#child = spawn(command, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (chunk: Buffer) => {
      this.#text += chunk.toString();
      for (const wake of this.#waiting) wake();
    };
    this.#child.stdout?.on('data', hear);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
      hear(chunk);
    });
    const perish = () => this.#child.kill('SIGKILL'); // nothing outlives the process that started it
    process.once('exit', perish);
    this.#ended = new Promise((resolve) => {
      const end = (code: number) => {
        this.#code ??= code;
        process.off('exit', perish);
        resolve(this.#code);
        for (const wake of this.#waiting) wake();
      };
      this.#child.once('error', (error) => {
        this.#text += String(error);
        end(-1);
      });
      this.#child.once('close', (code) => end(code ?? -1));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#code === undefined;
  }

  /** Both streams as they came. */
  get output(): string {
    return this.#text;
  }

  /** The error stream alone. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves with the exit code; −1 when a signal ended it. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.#child.kill(name);
  }

  /** Resolves with the first match of the pattern in the output; rejects when the program ends or the time is over. */
  async waitFor(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = () => {
        const match = this.#text.match(pattern);
        if (match) settle(() => resolve(match));
        else if (!this.running) settle(() => reject(new Error(`ended with ${this.#code}:\n${this.#text}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${pattern} not seen within ${timeoutMs} ms:\n${this.#text}`))),
        timeoutMs,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** Asks it to end, insists after `graceMs`, and resolves with the exit code. */
  async stop(graceMs = 35_000): Promise<number> {
    this.signal('SIGTERM');
    const insist = setTimeout(() => this.signal('SIGKILL'), graceMs);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(insist);
    }
  }
}
