import { clock } from '../async/clock.js';
import { type FeedUnderTest, link, numbers } from './feed.contract.js';
import { Trimming } from './trimming.js';

/** What goes from every feed, and what stays. */
export function describeTrimming(name: string, start: () => Promise<FeedUnderTest>): void {
  describe(`${name} is trimmed`, () => {
    const day = 86_400_000;
    let under: FeedUnderTest;
    beforeEach(async () => {
      under = await start();
      for (const number of numbers(1, 2_500)) await under.append(link(number));
    });
    const real = { ...clock };
    afterEach(() => {
      Object.assign(clock, real);
      return under.close();
    });
    const positions = async () => (await under.feed.behind(0, 5_000)).map(({ position }) => position);

    it('to what somebody still has to do, and never of its last change', async () => {
      const trimming = new Trimming(under.feed);
      await trimming.run(0);
      expect(await positions()).toHaveLength(2_500);
      await trimming.run(1_200);
      expect(await positions()).toEqual(numbers(1_201, 2_500));
      await trimming.run(2_500);
      expect(await positions()).toEqual([2_500]);
      await trimming.run(2_500);
      expect(await positions()).toEqual([2_500]);
    });

    it('of the oldest when too many wait, whoever did not come to them', async () => {
      const trimming = new Trimming(under.feed, 1_100);
      await trimming.run(0);
      expect(await positions()).toEqual(numbers(1_401, 2_500));
      for (const number of numbers(2_501, 2_600)) await under.append(link(number));
      await trimming.run(0);
      expect(await positions()).toEqual(numbers(1_501, 2_600));
    });

    it('of what is older than a week, whoever did not come to it, but not because a clock was set forward', async () => {
      let [wall, steady] = [Date.now(), 0];
      Object.assign(clock, { wall: () => wall, steady: () => steady });
      const trimming = new Trimming(under.feed);
      wall += 8 * day;
      steady += day / 24;
      await trimming.run(0);
      wall += 60_000;
      steady += 60_000;
      await trimming.run(0);
      expect(await positions()).toHaveLength(2_500);
      wall += 8 * day;
      steady += 8 * day;
      await trimming.run(0);
      expect(await positions()).toEqual([2_500]);
    });
  });
}
