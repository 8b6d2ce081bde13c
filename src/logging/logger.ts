import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { LineWriter } from './line-writer.js';
import { prettyStream } from './pretty.js';
import { redactFields } from './redact.js';

/** What differs goes into fields, so that lines can be searched; an error goes under `error`. */
export type Fields = object;

export interface LogOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
}

/**
 * The log. Messages are static and lower case; fields carry the data, redacted and cut before they are written
 * (see redact.ts). Writing never waits for whoever reads the log.
 */
export class Log {
  private constructor(private readonly logger: Logger) {}

  /** @param stream - where lines go; by default standard output, asynchronously, complete when the process exits */
  static open(options: LogOptions, stream: DestinationStream = standardOutput(options)): Log {
    return new Log(
      pino(
        {
          level: options.level,
          base: null,
          timestamp: stdTimeFunctions.isoTime,
          formatters: { level: (label) => ({ level: label }), log: redactFields },
        },
        stream,
      ),
    );
  }

  /** A log whose lines all carry these fields. */
  child(fields: Fields): Log {
    return new Log(this.logger.child(redactFields(fields)));
  }

  /** Whether a line of this level would be written; ask before gathering fields on a hot path. */
  enabled(level: 'trace' | 'debug' | 'info'): boolean {
    return this.logger.isLevelEnabled(level);
  }

  trace(fields: Fields, message: string): void {
    this.logger.trace(fields, message);
  }

  debug(fields: Fields, message: string): void {
    this.logger.debug(fields, message);
  }

  info(fields: Fields, message: string): void {
    this.logger.info(fields, message);
  }

  /** Something an operator should look at, although the request was answered. */
  warn(fields: Fields, message: string): void {
    this.logger.warn(fields, message);
  }

  /** Our fault. */
  error(fields: Fields, message: string): void {
    this.logger.error(fields, message);
  }

  /** The process ends because of this. */
  fatal(fields: Fields, message: string): void {
    this.logger.fatal(fields, message);
  }
}

function standardOutput({ format }: LogOptions): DestinationStream {
  const output = new LineWriter(process.stdout.fd);
  process.once('exit', () => output.flush());
  return format === 'json' ? output : prettyStream(output, { colour: process.stdout.isTTY === true });
}
