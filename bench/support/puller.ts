import { Agent } from 'node:http';
import { send } from '../../test/support/http.js';
import { timeOf } from './latencies.js';

/**
 * A process of its own that GETs one address again and again until it is told to stop, and prints how many milliseconds
 * each took: whoever makes the load would measure its own waiting.
 */
const [url = '', path = '', authorization = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const headers = { authorization, accept: 'application/vnd.oci.image.manifest.v1+json' };
const taken: number[] = [];
let stopped = false;
process.once('SIGTERM', () => {
  stopped = true;
});
console.log('pulling');
while (!stopped) {
  taken.push(
    await timeOf(async () => {
      const { status } = await send(url, path, { headers, agent });
      if (status !== 200) throw new Error(`${path} answered ${status}`);
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2));
}
agent.destroy();
process.stdout.write(`${JSON.stringify(taken)}\n`);
