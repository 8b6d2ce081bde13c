import { type Berth, startBerth } from '../support/berth.js';
import { type BuiltImage, buildImage, sha256 } from '../support/images.js';
import { RegistryClient } from '../support/registry-client.js';

const rounds = 20;
const pushers = 3;

interface Attempt {
  readonly repository: string;
  readonly tag: string;
  readonly image: BuiltImage;
  acknowledged: boolean;
}

/** Promise P1 and P3 of docs/architecture.md: what was acknowledged survives, and what is visible is whole. */
describe('kill -9 at a random moment of a push', () => {
  let berth: Berth;
  const attempts: Attempt[] = [];

  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(async () => {
    await berth?.stop();
  });

  it(`happens ${rounds} times`, async () => {
    const usual = await timeOf(() => pushOne(berth, attempt('warm', 0)));
    for (let round = 0; round < rounds; round++) {
      const pushes = Array.from({ length: pushers }, (_, pusher) => pushOne(berth, attempt(`p${pusher}`, round)));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * usual * pushers * 1.2));
      await berth.kill();
      await Promise.all(pushes);
      await berth.restart();
    }
    const acknowledged = attempts.filter((push) => push.acknowledged).length;
    expect(acknowledged).toBeGreaterThan(1);
    expect(acknowledged).toBeLessThan(attempts.length); // otherwise no kill hit a push
  }, 120_000);

  it('loses no tag that was acknowledged', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    for (const { repository, tag, image } of attempts.filter((push) => push.acknowledged)) {
      expect(await client.pull(repository, tag)).toBe(image.manifest.digest);
    }
  }, 60_000);

  it('shows no manifest that lacks a blob', async () => {
    const client = await RegistryClient.open(berth.url, berth.admin);
    for (const { repository, image } of attempts) {
      const seen = await client.getManifest(repository, image.manifest.digest);
      expect([200, 404]).toContain(seen.status);
      if (seen.status === 200) await client.pull(repository, image.manifest.digest);
    }
  }, 60_000);

  it('accepts again every push that was cut', async () => {
    for (const push of attempts.filter((one) => !one.acknowledged)) {
      await pushOne(berth, push);
      expect(push.acknowledged).toBe(true);
    }
  }, 60_000);

  function attempt(pusher: string, round: number): Attempt {
    const image = buildImage({ seed: `${pusher}/${round}`, layers: [400_000, 1_500_000, 3_000] });
    const made = { repository: `storm/${pusher}`, tag: `v${round}`, image, acknowledged: false };
    attempts.push(made);
    return made;
  }
});

async function pushOne(berth: Berth, push: Attempt): Promise<void> {
  try {
    const client = await RegistryClient.open(berth.url, berth.admin);
    await client.push(push.repository, push.tag, push.image);
    push.acknowledged = true;
  } catch {
    push.acknowledged = false; // cut by the kill
  }
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

describe('kill -9 in the middle of an upload', () => {
  it('leaves a session that resumes where the registry says, or none, and never a blob', async () => {
    const berth = await startBerth();
    const layer = buildImage({ seed: 'cut', layers: [3_000_000] }).layers[0];
    if (!layer) throw new Error('an image has a layer');
    const client = await RegistryClient.open(berth.url, berth.admin);
    const first = await client.append(
      'cut/app',
      (await client.startUpload('cut/app')).location,
      layer.bytes.subarray(0, 1_000_000),
    );
    expect(first.status).toBe(202);
    const second = client.append('cut/app', first.location, layer.bytes.subarray(1_000_000)).catch(() => undefined);
    await berth.kill();
    await second;
    await berth.restart();

    expect(await client.hasBlob('cut/app', layer.digest)).toBe(false);
    const status = await client.uploadStatus('cut/app', first.location);
    expect(status.status).toBe(204);
    const received = Number(String(status.headers.range).split('-')[1]) + 1;
    expect(received).toBeGreaterThanOrEqual(1_000_000);
    const rest = layer.bytes.subarray(received);
    expect((await client.finishUpload('cut/app', first.location, layer.digest, rest)).status).toBe(201);
    expect(sha256((await client.getBlob('cut/app', layer.digest)).body)).toBe(layer.digest);
    await berth?.stop();
  });
});
