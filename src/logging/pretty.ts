import type { DestinationStream } from 'pino';
import { asCodePoint } from './redact.js';

const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 36, warn: 33, error: 31, fatal: 31 };

/** A destination that turns pino's JSON lines into lines for people: `12:04:05 info  listening url=http://…`. */
export function prettyStream(destination: DestinationStream, options: { readonly colour: boolean }): DestinationStream {
  return { write: (line) => void destination.write(prettyLine(line, options.colour)) };
}

/** One JSON line of the log in readable form; what does not fit on the line follows it, indented. */
export function prettyLine(line: string, colour: boolean): string {
  const { time, level, msg, error, ...fields }: Record<string, unknown> = JSON.parse(line);
  const paint = (code: number | undefined, text: string): string =>
    colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const label = paint(colours[String(level)], String(level).padEnd(5));
  const rest = Object.entries(fields).map(([name, value]) => ` ${paint(90, `${name}=`)}${word(value)}`);
  return `${paint(90, clock)} ${label} ${String(msg ?? '')}${rest.join('')}\n${below(error)}`;
}

function word(value: unknown): string {
  return visible(typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));
}

/** A terminal obeys control characters and reorders text at others; what clients send must do neither. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, asCodePoint);
}

function below(error: unknown): string {
  if (error === undefined) return '';
  const stack = typeof error === 'object' && error !== null && 'stack' in error ? error.stack : JSON.stringify(error);
  return `${visible(String(stack)).replace(/^/gm, '    ')}\n`;
}
