import { describeRegistry } from '../../../src/registry/registry.contract.js';
import { startDockerRegistry } from '../../support/docker-registry.js';
import { remoteTo } from '../../support/remote-to.js';
import { goProgram, requireGoProgram } from './programs.js';

const block = await requireGoProgram('registry');

block('Distribution 3', () => {
  const abilities = { deletesTags: true, knowsReferrers: false };
  const start = (credentials?: { readonly username: string; readonly password: string }) => async () => {
    const registry = await startDockerRegistry(credentials, undefined, goProgram('registry'));
    return remoteTo([registry], { credentials });
  };

  describeRegistry('open to everybody, it', start(), abilities);
  describeRegistry('behind a password, it', start({ username: 'mirror', password: 'a password' }), abilities);
});
