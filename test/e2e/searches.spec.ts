import { readdir, readFile } from 'node:fs/promises';
import { type Berth, type JsonAnswer, startBerth } from '../support/berth.js';
import { addSignedIn } from '../support/people.js';
import { until } from '../support/ports.js';

/** A server of a test's own, and two who search there. */
class Place {
  private constructor(
    readonly berth: Berth,
    readonly ann: string,
    readonly bob: string,
  ) {}

  static #last: Promise<unknown> = Promise.resolve();

  /** One after the other: starting is what takes the machine. */
  static open(): Promise<Place> {
    const opened = Place.#last.then(() => Place.#start());
    Place.#last = opened.catch(() => undefined);
    return opened;
  }

  static async #start(): Promise<Place> {
    const berth = await startBerth();
    const ann = await addSignedIn(berth, 'ann', { 'team/*': ['pull'] });
    return new Place(berth, ann, await addSignedIn(berth, 'bob', { 'team/*': ['pull'] }));
  }

  search(token: string, q: string, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.berth.url}/api/v1/repositories?q=${q}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: signal ?? null,
    });
  }

  stats(token: string): Promise<JsonAnswer> {
    return this.berth.api('GET', '/api/v1/stats', undefined, token);
  }

  /** The processes that search. */
  async searching(): Promise<number[]> {
    const tasks = `/proc/${this.berth.pid}/task`;
    const lists = (await readdir(tasks)).map((task) => readFile(`${tasks}/${task}/children`, 'utf8'));
    return (await Promise.all(lists)).flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  }

  /** Makes the next search of whoever asks first one that does not end. */
  async stopSearching(): Promise<void> {
    expect((await this.search(this.ann, 'warm')).status).toBe(200);
    const [pid = 0] = await this.searching();
    process.kill(pid, 'SIGSTOP');
  }

  /** What was asked before this is under way. */
  async others(): Promise<void> {
    for (let round = 0; round < 5; round++) expect((await fetch(`${this.berth.url}/healthz`)).status).toBe(200);
  }
}

/** A search that does not end is given up after ten seconds: these tests wait for that side by side. */
const patienceMs = 90_000;
const at = (work: (place: Place) => Promise<void>) => async () => {
  const place = await Place.open();
  try {
    await work(place);
  } finally {
    await place.berth.stop();
  }
};

test.concurrent(
  'a search that does not end holds up nobody else, and is told to be too much',
  at(async (place) => {
    const { ann, bob } = place;
    await place.stopSearching();
    const endless = place.stats(ann);
    await place.others();
    for (let round = 0; round < 3; round++) {
      expect((await place.search(bob, 'x')).status).toBe(200);
      expect((await place.stats(bob)).status).toBe(200);
    }
    const { status, headers, body } = await endless;
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('30');
    expect(body).toMatchObject({ code: 'SEARCH_TIMEOUT', title: 'The search took too long' });
    expect((await place.search(ann, 'x')).status).toBe(200);
  }),
  patienceMs,
);

test.concurrent(
  'one that nobody waits for any more is ended, and whoever asked may ask again',
  at(async (place) => {
    await place.stopSearching();
    const [stopped] = await place.searching();
    const leaving = new AbortController();
    const left = expect(place.search(place.ann, 'x', leaving.signal)).rejects.toThrow('abort');
    leaving.abort();
    await left;
    await until('the search is ended', async () => !(await place.searching()).includes(stopped ?? 0));
    expect((await place.search(place.ann, 'x')).status).toBe(200);
    expect(place.berth.output()).not.toContain('"level":"error"');
  }),
  patienceMs,
);

test.concurrent(
  'whoever asks for everything at once is refused, and others are answered',
  at(async (place) => {
    await place.stopSearching();
    const flood = Array.from({ length: 300 }, (_, number) => place.search(place.ann, `x${number}`));
    await place.others();
    expect((await place.search(place.bob, 'x')).status).toBe(200);
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('2');
    expect(answers.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([]);
  }),
  patienceMs,
);

test.concurrent(
  'a search that does not end does not keep the server from ending',
  at(async (place) => {
    await place.stopSearching();
    const cut = place.search(place.ann, 'x').catch(() => undefined);
    await place.others();
    await place.search(place.bob, 'x');
    expect(await place.berth.stop()).toBe(0);
    await cut;
  }),
  patienceMs,
);

test.concurrent.each(['groups', 'robots', 'users'])(
  'a list of %s is searched there too, and holds up nobody',
  (list) =>
    at(async (place) => {
      const ask = (query: string) => place.berth.api('GET', `/api/v1/${list}${query}`);
      expect((await ask('?q=x')).status).toBe(200);
      await place.stopSearching();
      const asked = ask('?q=x');
      await place.others();
      expect((await ask('')).status).toBe(200);
      const { status, body } = await asked;
      expect([status, body.code]).toEqual([503, 'SEARCH_TIMEOUT']);
    })(),
  patienceMs,
);
