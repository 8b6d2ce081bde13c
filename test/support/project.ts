import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory, from wherever this file runs: as source under Jest, or compiled below dist/. */
export const projectDirectory = findProject(dirname(fileURLToPath(import.meta.url)));

/** The program that `npm start` runs. */
export const program = join(projectDirectory, 'dist', 'bundle', 'main.js');

function findProject(directory: string): string {
  const file = join(directory, 'package.json');
  if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'berth') return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('the tests run outside of the project');
  return findProject(parent);
}
