/**
 * `npm run bench -- against <checkout> [rounds] [rows]`: every row of the data plane and the tokens, start and memory at rest,
 * this tree against another one that is built already. `rows` is a regular expression for those wanted.
 *
 * Each round starts both anew, every second one in the other order, and measures them in an order that changes too, because
 * whoever comes first meets another machine. Of each row, by time and by processor time of the server: the median of both, the
 * median of the ratios of the rounds (above 1 this tree is ahead), and the interval that holds that median with 98 % when there
 * are ten rounds (their second and their ninth in order).
 */
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startBerth } from '../test/support/berth.js';
import { type Candidate, dataPlaneRows, prepare } from './support/data-plane-rows.js';
import { residentMegabytes } from './support/memory.js';
import { berthPeer } from './support/peers.js';
import { processorMilliseconds } from './support/processor.js';
import { median } from './support/row.js';

const [checkout, roundsText = '10', wanted = ''] = process.argv.slice(2);
if (checkout === undefined) throw new Error('say which checkout to compare with');
const rounds = Number(roundsText);
const rows = dataPlaneRows.filter(({ measure }) => new RegExp(wanted).test(measure));

type Tree = 'this' | 'other';
interface Measured {
  readonly better: 'more' | 'less';
  /** One figure a round. */
  readonly figures: Record<Tree, number[]>;
}
const measured = new Map<string, Measured>();

function note(measure: string, better: Measured['better'], tree: Tree, figure: number): void {
  const row = measured.get(measure) ?? { better, figures: { this: [], other: [] } };
  measured.set(measure, row);
  row.figures[tree].push(figure);
}

/** Started twice: nearly every start finds a data directory. */
async function start(tree: Tree): Promise<Candidate> {
  const other = tree === 'other' ? { checkout } : {};
  const berth = await startBerth({ env: { BERTH_TOKEN_SECONDS: '3600' }, ...other });
  await berth.kill();
  const before = performance.now();
  await berth.restart();
  note('start, ms', 'less', tree, performance.now() - before);
  await delay(3_000); // what starting needed has settled
  note('memory at rest, MB', 'less', tree, (await residentMegabytes(berth.pid)).now);
  return prepare(berthPeer(berth));
}

const inOrder = <T>(items: readonly T[], reversed: boolean): T[] => (reversed ? [...items].reverse() : [...items]);

async function measureRound(round: number): Promise<void> {
  const candidates: [Tree, Candidate][] = [];
  for (const tree of inOrder<Tree>(['this', 'other'], round % 2 === 1)) candidates.push([tree, await start(tree)]);
  for (const { measure, unit, work } of rows) {
    // The compiler's. The first row also warms up what all rows have in common: its figures settle after eight seconds.
    const times = measure === rows[0]?.measure && unit === 'request' ? 4 : 1;
    for (let time = 0; time < times; time++) for (const [, candidate] of candidates) await work(candidate, 'warm-up');
    for (const [tree, candidate] of inOrder(candidates, round % 4 > 1)) {
      const before = processorMilliseconds(candidate.peer.pid);
      const { count, seconds } = await work(candidate, 'measured');
      const taken = processorMilliseconds(candidate.peer.pid) - before;
      note(`${measure}, ${unit}/s`, 'more', tree, count / seconds);
      note(`${measure}, processor ms/${unit}`, 'less', tree, taken / count);
    }
  }
  for (const [, { peer }] of candidates) await peer.stop();
}

function line(measure: string, { better, figures }: Measured): string {
  const ratios = figures.this.map((figure, round) => {
    const ratio = figure / (figures.other[round] ?? Number.NaN);
    return better === 'more' ? ratio : 1 / ratio;
  });
  ratios.sort((a, b) => a - b);
  const short = (value = Number.NaN) => Number(value.toPrecision(3));
  const interval = [ratios[1], ratios.at(-2)].map(short).join('–');
  const both = `${short(median(figures.this))} against ${short(median(figures.other))}`;
  return `${measure}: ${both}, ${short(median(ratios))}× (${interval})`;
}

try {
  for (let round = 0; round < rounds; round++) {
    await measureRound(round);
    console.error(`round ${round + 1} of ${rounds}, load ${loadavg()[0]?.toFixed(1)}`);
  }
} finally {
  // A round that fails does not take with it what the others measured.
  for (const [measure, row] of measured) console.log(line(measure, row));
}
