import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { writeYaml } from '../../text/write-yaml.js';

/** A thread that makes of the description in JSON what takes long: the same in YAML, and both compressed. It ends with that. */
if (parentPort === null) throw new Error('the OpenAPI worker runs as a thread only');

const json = String(workerData);
const yaml = await writeYaml(JSON.parse(json));
const compressed = (text: string) => gzipSync(text, { level: 9 });
parentPort.postMessage({ yaml, jsonGzip: compressed(json), yamlGzip: compressed(yaml) });
