/** Whether a path, or the target of a request, is this folder or below it, whatever the case of the letters: Express routes so. */
export function isBelow(path: string, folder: string): boolean {
  return `${path.split('?', 1)[0]}/`.toLowerCase().startsWith(`${folder}/`);
}
