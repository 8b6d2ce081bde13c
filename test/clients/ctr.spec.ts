import { requireRoot } from '../support/tools.js';
import { clientContract } from './contract.js';
import { Ctr } from './ctr.js';

requireRoot('ctr', 'containerd')('ctr', () => {
  clientContract((host) => Ctr.start(host));
});
