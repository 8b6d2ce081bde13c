import { requireTool } from '../support/tools.js';
import { clientContract } from './contract.js';
import { Skopeo } from './skopeo.js';

requireTool('skopeo')('skopeo', () => {
  clientContract((host) => Skopeo.start(host));
});
