import type { LoggerService } from '@nestjs/common';
import type { Log } from './logger.js';

/** Nest's own messages in our log. What it tells while it starts is for its developers, hence debug. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...context: unknown[]): void {
    this.target.debug({ context: context.at(-1), detail: message }, 'nest');
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.log(message, ...context);
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.target.trace({ context: context.at(-1), detail: message }, 'nest');
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.target.warn({ context: context.at(-1), detail: message }, 'nest warns');
  }

  error(message: unknown, ...context: unknown[]): void {
    this.target.error(
      { context: context.at(-1), error: message, stack: context.length > 1 ? context[0] : undefined },
      'nest failed',
    );
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.target.fatal({ context: context.at(-1), error: message }, 'nest failed');
  }
}
