export interface JsonShape {
  /** Of the deepest bracket. */
  readonly depth: number;
  /** Values that have another one before or behind them, about; what takes time to build. */
  readonly values: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/** How a JSON document is built, without building it: some of 4 MiB take half a second to parse. Of other bytes it is any number. */
export function jsonShape(bytes: Uint8Array): JsonShape {
  const { length } = bytes;
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let quoted = false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === backslash) at++;
      else if (byte === quote) quoted = false;
    } else if (byte === quote) quoted = true;
    else if (byte === comma) values++;
    else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > deepest) deepest = depth;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return { depth: deepest, values };
}
