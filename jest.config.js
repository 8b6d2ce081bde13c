import { lackOfGo } from './scripts/go.mjs';

/** Unit specs stand beside the code; what a client observes is in test/. Jest's ESM needs NODE_OPTIONS=--experimental-vm-modules, which `npm test` sets. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform,
};

/** Specs that attack as fast as the machine can and weigh the server meanwhile: what runs beside them would be weighed too. */
const alone = ['<rootDir>/test/faults/floods.spec.ts'];

export default {
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/*.spec.ts'] },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['e2e', 'conformance', 'faults'].map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
      testPathIgnorePatterns: ['/node_modules/', ...alone],
    },
    { ...base, displayName: 'alone', testMatch: alone },
    { ...base, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.spec.ts'] },
    {
      ...base,
      displayName: 'clients',
      testMatch: ['<rootDir>/test/clients/**/*.spec.ts'],
      // Not every machine has Go: its programs are no tools to install, and their specs are not there without it.
      testPathIgnorePatterns: ['/node_modules/', ...(lackOfGo() ? ['<rootDir>/test/clients/go/'] : [])],
    },
  ],
  testTimeout: 120_000,
};
