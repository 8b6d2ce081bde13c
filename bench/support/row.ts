/** One line of a benchmark: what was measured of each peer, in its unit, one figure per round. */
export interface Row {
  readonly measure: string;
  readonly unit: string;
  /** Whether more is better, so that a ratio above 1 always means that Berth is ahead. */
  readonly better: 'more' | 'less';
  readonly figures: Readonly<Record<string, readonly number[]>>;
  readonly bar?: Bar;
}

/** What must hold: a ratio against the peer, or a figure of Berth itself. */
export type Bar = { readonly ratio: number } | { readonly atMost: number } | { readonly atLeast: number };

/** Measures A B A B …, so that a machine that slows down slows both. */
export async function alternate<P extends { readonly name: string }>(
  peers: readonly P[],
  rounds: number,
  measure: (peer: P, round: number) => Promise<number>,
): Promise<Record<string, number[]>> {
  const figures: Record<string, number[]> = Object.fromEntries(peers.map((peer) => [peer.name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) figures[peer.name]?.push(await measure(peer, round));
  }
  return figures;
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Prints the rows as JSON, one a line, and then as a table. */
export function print(rows: readonly Row[]): void {
  const results = rows.map(summarise);
  for (const result of results) console.log(JSON.stringify(result));
  console.table(
    Object.fromEntries(
      results.map(({ measure, unit, medians, ratio, bar, holds }) => [
        `${measure}, ${unit}`,
        {
          ...Object.fromEntries(Object.entries(medians).map(([name, value]) => [name, short(value)])),
          ratio,
          bar,
          holds,
        },
      ]),
    ),
  );
}

function summarise({ measure, unit, better, figures, bar }: Row) {
  const medians = Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
  const { berth = Number.NaN, ...peers } = medians;
  const [peer] = Object.values(peers);
  const ratio = peer === undefined ? undefined : short(better === 'more' ? berth / peer : peer / berth);
  return { measure, unit, medians, ratio, bar: barText(bar), holds: holds(bar, berth, ratio) };
}

function holds(bar: Bar | undefined, berth: number, ratio: number | undefined): boolean | undefined {
  if (bar === undefined) return undefined;
  if ('atMost' in bar) return berth <= bar.atMost;
  if ('atLeast' in bar) return berth >= bar.atLeast;
  return ratio === undefined ? undefined : ratio >= bar.ratio;
}

function barText(bar: Bar | undefined): string | undefined {
  if (bar === undefined) return undefined;
  if ('atMost' in bar) return `≤ ${bar.atMost}`;
  return 'atLeast' in bar ? `≥ ${bar.atLeast}` : `≥ ${bar.ratio}×`;
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
