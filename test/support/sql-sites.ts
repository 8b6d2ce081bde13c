import ts from 'typescript';

/** What one file asks the database, found in its syntax. */
export interface SqlSites {
  /** Tables named in the text of a query, each as often as it stands there. */
  readonly tables: readonly string[];
  /** Entity classes that are imported, with the path of the import. */
  readonly entities: readonly { readonly name: string; readonly from: string; readonly asValue: boolean }[];
  /** Places that ask the database, as they are called: `tx.find`, `database.prepare`, … */
  readonly asks: readonly string[];
  /** Texts that are SQL, or a piece of it, each cut short. */
  readonly texts: readonly string[];
  /** Words that one kind of database knows. */
  readonly dialect: readonly string[];
}

const sqlText =
  /\bSELECT\s|\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bUPDATE\s+[\w$?]+\s+SET\b|^\s*FROM\s|\bJOIN\s|\bWHERE\s|\bORDER BY\b|\bGROUP BY\b|\bLIMIT \?|\bVALUES \(|\bON CONFLICT\b|\b(?:AND|OR|IN|LIKE|BETWEEN) \(?[\w.]* ?[=<>]* ?\?|\b[a-z_.]+ [=<>]+ \?|\bCOALESCE\(/;
const verb = /^\s*(?:select|insert|update|delete|with|replace)\s/i;
const named = '(?:FROM|JOIN|INTO|UPDATE|TABLE)\\s+[("]*([a-z_]+)';
const another = /^"?(?:\s+(?:AS\s+)?[a-z_]+)?\s*,\s*"?([a-z_]+)/i;

/** What SQLite says and PostgreSQL would not, or would say in another way. */
const dialectWords = [
  'json_each',
  'CROSS JOIN',
  'natural_key',
  'set_digest',
  'AS BLOB',
  'rowid',
  'sqlite',
  '->>',
  'pragma_',
  'group_concat',
  'INSERT OR ',
  'TOTAL(',
  'IFNULL(',
  'strftime',
  'INDEXED BY',
  'LIMIT -1',
  'COLLATE',
  ' LIKE ',
];

/** Receivers that are the database, or a transaction, by the name they have everywhere. */
const databases = new Set(['database', '#database', 'inspection', '#inspection']);
/** What `database/` does with tables that it is told. */
const toldTables = new Set(['clearReferences', 'clearRemains']);

/** @param source the text of a TypeScript file */
export function sqlSites(source: string, tables: readonly string[]): SqlSites {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found = { tables: [] as string[], entities: [] as SqlSites['entities'][number][], asks: [] as string[] };
  const texts: string[] = [];
  const dialect: string[] = [];
  const managers = entityManagers(file);
  const look = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== undefined) {
      found.tables.push(...tablesIn(text).filter((name) => tables.includes(name)));
      if (sqlText.test(text)) texts.push(text.replaceAll(/\s+/g, ' ').trim().slice(0, 60));
      dialect.push(...dialectWords.filter((word) => text.includes(word)));
    }
    if (ts.isIdentifier(node) && /sqlite/i.test(node.text)) dialect.push(node.text);
    if (ts.isImportDeclaration(node)) found.entities.push(...entitiesOf(node));
    const asked = askedBy(node, managers);
    if (asked !== undefined) found.asks.push(asked);
    if (asked !== undefined && ts.isCallExpression(node)) found.tables.push(...givenTables(node, tables));
    if (ts.isTemplateExpression(node)) for (const span of node.templateSpans) look(span.expression);
    else ts.forEachChild(node, look);
  };
  look(file);
  return { ...found, texts, dialect };
}

/** Text of a literal or a template; what is put into it is a question mark. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `?${literal.text}`).join('');
}

function tablesIn(text: string): string[] {
  const names: string[] = [];
  for (const match of text.matchAll(new RegExp(named, verb.test(text) ? 'gi' : 'g'))) {
    names.push(match[1] ?? '');
    let rest = text.slice(match.index + match[0].length);
    for (let next = another.exec(rest); next !== null; next = another.exec(rest)) {
      names.push(next[1] ?? '');
      rest = rest.slice(next[0].length);
    }
  }
  return names;
}

function entitiesOf({ importClause, moduleSpecifier }: ts.ImportDeclaration): SqlSites['entities'][number][] {
  if (!ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.endsWith('.entity.js')) return [];
  const bindings = importClause?.namedBindings;
  if (importClause === undefined || bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => ({
    name: (element.propertyName ?? element.name).text,
    from: moduleSpecifier.text,
    asValue: importClause.phaseModifier !== ts.SyntaxKind.TypeKeyword && !element.isTypeOnly,
  }));
}

/** Names of what TypeORM asks through: `tx`, whatever has that type, and what `write` gives. */
function entityManagers(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set(['tx']);
  const look = (node: ts.Node): void => {
    if (ts.isParameter(node) && ts.isIdentifier(node.name) && node.type?.getText().includes('EntityManager'))
      names.add(node.name.text);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [work] = node.arguments;
      const parameter = work && ts.isArrowFunction(work) ? work.parameters[0]?.name : undefined;
      if (node.expression.name.text === 'write' && databases.has(lastName(node.expression.expression)))
        if (parameter && ts.isIdentifier(parameter)) names.add(parameter.text);
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return names;
}

function askedBy(node: ts.Node, managers: ReadonlySet<string>): string | undefined {
  if (ts.isTaggedTemplateExpression(node) && ts.isPropertyAccessExpression(node.tag) && node.tag.name.text === 'sql')
    return node.tag.getText();
  if (!ts.isCallExpression(node)) return undefined;
  if (ts.isIdentifier(node.expression)) return toldTables.has(node.expression.text) ? node.expression.text : undefined;
  if (!ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: receiver, name } = node.expression;
  const called = `${lastName(receiver)}.${name.text}`;
  if (['query', 'createQueryBuilder', 'getRepository'].includes(name.text)) return called;
  if (['prepare', 'search'].includes(name.text) && databases.has(lastName(receiver))) return called;
  if (ts.isIdentifier(receiver) && managers.has(receiver.text)) return called;
  const read = ts.isPropertyAccessExpression(receiver) && ['read', 'manager'].includes(receiver.name.text);
  return read && databases.has(lastName(receiver.expression)) ? called : undefined;
}

/** Tables that are named by themselves where the database is asked. */
function givenTables(call: ts.CallExpression, tables: readonly string[]): string[] {
  return call.arguments
    .flatMap((argument) => (ts.isArrayLiteralExpression(argument) ? [...argument.elements] : [argument]))
    .flatMap((argument) => (ts.isStringLiteral(argument) && tables.includes(argument.text) ? [argument.text] : []));
}

function lastName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  return ts.isPropertyAccessExpression(node) ? node.name.text : '';
}
