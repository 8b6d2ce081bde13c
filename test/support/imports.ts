import { posix } from 'node:path';
import ts from 'typescript';
import { container, rooms } from './rooms.js';

/** Everything a file imports, types too, as it is written there. */
export function importsOf(source: string): string[] {
  return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The files of src/ that a file of src/ imports, as paths relative to it. */
export function imports(file: string, source: string): string[] {
  return importsOf(source)
    .filter((imported) => imported.startsWith('.'))
    .map((imported) => posix.join(posix.dirname(file), imported).replace(/\.js$/, '.ts'));
}

/** Files each of which imports every other, directly or by way of them: one sorted list for each such group (Tarjan). */
export function circles(imported: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    open.push(file);
    let low = own;
    for (const next of imported.get(file) ?? []) {
      if (!imported.has(next)) continue;
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === own) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) found.push(group.sort());
    }
    return low;
  };
  for (const file of imported.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** What a file below the edge takes of Nest that is not the container, one sentence for each. */
export function nestViolations(file: string, source: string): string[] {
  const layer = rooms[file.split('/')[0] ?? '']?.layer;
  if (layer === undefined || layer === 'edge') return [];
  return ts
    .createSourceFile(file, source, ts.ScriptTarget.Latest)
    .statements.filter(ts.isImportDeclaration)
    .filter(({ moduleSpecifier }) => ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text === '@nestjs/common')
    .flatMap(({ importClause }) => {
      const bindings = importClause?.namedBindings;
      return bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    })
    .map(({ name, propertyName }) => (propertyName ?? name).text)
    .filter((name) => !container.includes(name))
    .map((name) => `${file} is below the edge and takes ${name} of Nest`);
}
