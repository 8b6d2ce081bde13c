import { requireRoot } from '../support/tools.js';
import { clientContract } from './contract.js';
import { Docker } from './docker.js';

requireRoot(
  'docker',
  'dockerd',
  'containerd',
  'runc',
)('docker', () => {
  clientContract((host) => Docker.start(host));
});
