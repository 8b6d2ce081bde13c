import { startBerth } from '../test/support/berth.js';
import { content, MiB, randomBytesOf } from '../test/support/images.js';
import { startNginx } from '../test/support/nginx.js';
import { RegistryClient } from '../test/support/registry-client.js';
import { BlobSource } from './support/blob-source.js';
import { alternate, print, type Row } from './support/row.js';
import { startStaticNginx } from './support/static-nginx.js';
import { wrk } from './support/wrk.js';

const repository = 'bench/app';
const medium = content('application/octet-stream', randomBytesOf('accel', 5_000_000));
const large = new BlobSource('accel', 512 * MiB);
const berth = await startBerth({ env: { BERTH_TOKEN_SECONDS: '3600', BERTH_ACCEL_REDIRECT: '/berth-blobs' } });
const proxy = await startNginx(berth.host, berth.dataDir);
const files = await startStaticNginx(`${berth.dataDir}/docker/registry/v2/blobs`);
const client = await RegistryClient.open(berth.url, berth.admin);
await client.pushBlob(repository, medium);
const session = await client.append(repository, (await client.startUpload(repository)).location, large.stream());
await client.finishUpload(repository, session.location, large.digest);
const authorization = `Bearer ${await client.token(`repository:${repository}:pull`)}`;

/** The same file twice: through Berth's nginx, for whoever may have it, and from another that asks nobody. */
const get = (digest: string, connections: number) => {
  const [algorithm, hex = ''] = digest.split(':');
  const addresses: { name: string; url: string; headers: Record<string, string> }[] = [
    { name: 'berth', url: `${proxy.url}/v2/${repository}/blobs/${digest}`, headers: { authorization } },
    { name: 'nginx', url: `${files.url}/${algorithm}/${hex.slice(0, 2)}/${hex}/data`, headers: {} },
  ];
  return alternate(addresses, 5, async ({ url, headers }) => {
    return (await wrk(url, { connections, seconds: 3, headers })).megabytesPerSecond;
  });
};
const row = { unit: 'MB/s', better: 'more', bar: { ratio: 0.9 } } as const;
const rows: Row[] = [
  { ...row, measure: '5 MB blob GET × 8, sent by nginx', figures: await get(medium.digest, 8) },
  { ...row, measure: '512 MiB blob GET × 1, sent by nginx', figures: await get(large.digest, 1) },
];
await files.stop();
await proxy.stop();
await berth.stop();
print(rows);
