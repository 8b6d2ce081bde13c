import { requireRoot } from '../support/tools.js';
import { ContainersStorage } from './containers-storage.js';
import { clientContract } from './contract.js';

requireRoot('buildah')('buildah', () => {
  clientContract((host) => ContainersStorage.start('buildah', host));
});
