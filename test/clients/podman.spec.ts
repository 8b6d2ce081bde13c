import { requireRoot } from '../support/tools.js';
import { ContainersStorage } from './containers-storage.js';
import { clientContract } from './contract.js';

requireRoot('podman')('podman', () => {
  clientContract((host) => ContainersStorage.start('podman', host));
});
