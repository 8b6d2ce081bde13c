import { longestColumn, mostPlatforms, runnablePlatforms, splitPlatforms } from './platforms.js';

describe('the column of platforms', () => {
  it('gives back what was put in', () => {
    expect(splitPlatforms('')).toEqual([]);
    expect(splitPlatforms('linux/amd64')).toEqual(['linux/amd64']);
    const names = Array.from({ length: mostPlatforms }, (_, i) => `linux/${'x'.repeat(56)}${10 + i}`);
    const platforms = names.map((name) => ({ os: 'linux', architecture: name.slice('linux/'.length) }));
    expect(splitPlatforms(runnablePlatforms(platforms).join(','))).toEqual(names);
  });

  it('gives few of the many that an earlier program put in, and none of them cut', () => {
    const short = Array.from({ length: 13_500 }, (_, i) => `linux/${i}`);
    expect(splitPlatforms(short.join(','))).toEqual(short.slice(0, mostPlatforms));
    const long = 'x'.repeat(longestColumn);
    expect(splitPlatforms(`a/b,${long},c/d`)).toEqual(['a/b']);
  });

  it('has nothing in it that is longer than platforms are named', () => {
    expect(runnablePlatforms([{ os: 'linux', architecture: 'x'.repeat(64) }])).toEqual([]);
  });
});
