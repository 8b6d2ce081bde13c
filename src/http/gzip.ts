import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request } from 'express';

const compress = promisify(gzip);

/** @param level 1 to 9: more for what is compressed once than for what is made anew for every request */
export function gzipped(body: Buffer | string, level: number): Promise<Buffer> {
  return compress(body, { level });
}

export function acceptsGzip({ headers }: Pick<Request, 'headers'>): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''));
}
