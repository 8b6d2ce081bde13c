import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A subcommand, an option, or one of the values of an argument. */
interface Word {
  readonly word: string;
  readonly does: string;
  /** Of an option that takes a value: what it can be, if it is one of a few. */
  readonly values?: readonly string[];
}

/** What may follow one command. */
interface Node {
  /** `berth user create` */
  readonly path: string;
  readonly words: readonly Word[];
}

/** A script that completes the commands and options of the tree, and values that are one of a few. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, program.name(), program.options);
  return { bash, zsh, fish }[shell](nodes);
}

function nodesOf(command: Command, path: string, global: readonly Option[]): Node[] {
  const options = [...new Set([...command.options, ...global])].filter((option) => !option.hidden);
  const words = [
    ...command.commands.map((child) => ({ word: child.name(), does: child.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, does: description })),
    ),
    ...options.flatMap(wordsOf),
    { word: '--help', does: 'print help' },
  ];
  return [{ path, words }, ...command.commands.flatMap((child) => nodesOf(child, `${path} ${child.name()}`, global))];
}

function wordsOf({ long, description, required, argChoices }: Option): Word[] {
  if (!long) return [];
  return [{ word: long, does: description, ...(required && { values: argChoices ?? [] }) }];
}

const list = (words: readonly string[]) => words.join(' ');
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const pathsOf = (nodes: readonly Node[]) => nodes.map(({ path }) => quoted(path));

/** One `case` a line: after which command and option come which values. */
function valueCases(nodes: readonly Node[], line: (values: readonly string[]) => string): string {
  const cases = nodes.flatMap(({ path, words }) =>
    words.flatMap(({ word, values }) =>
      values === undefined ? [] : [`    ${quoted(`${path} ${word}`)}) ${line(values)}; return ;;`],
    ),
  );
  return cases.join('\n');
}

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map(
    ({ path, words }) => `    ${quoted(path)}) words='${list(words.map(({ word }) => word))}' ;;`,
  );
  const reply = (values: string) => `COMPREPLY=($(compgen -W "${values}" -- "$word"))`;
  return `# completion of berth
_berth() {
  local node=berth words='' i word="\${COMP_WORDS[COMP_CWORD]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$node \${COMP_WORDS[i]}" in
      ${pathsOf(nodes).join('|')}) node="$node \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$node \${COMP_WORDS[COMP_CWORD - 1]}" in
${valueCases(nodes, (values) => reply(list(values)))}
  esac
  case "$node" in
${cases.join('\n')}
  esac
  ${reply('$words')}
}
complete -o default -F _berth berth
`;
}

/** Works as a file of \`fpath\` and when it is sourced. */
function zsh(nodes: readonly Node[]): string {
  const entry = ({ word, does }: Word) => quoted(`${word}:${does}`);
  const cases = nodes.map(({ path, words }) => `    ${quoted(path)}) entries=(${list(words.map(entry))}) ;;`);
  return `#compdef berth
_berth() {
  local node=berth i
  local -a entries
  for ((i = 2; i < CURRENT; i++)); do
    case "$node \${words[i]}" in
      ${pathsOf(nodes).join('|')}) node="$node \${words[i]}" ;;
    esac
  done
  case "$node \${words[CURRENT - 1]}" in
${valueCases(nodes, (values) => (values.length === 0 ? '_files' : `compadd -- ${list(values)}`))}
  esac
  case "$node" in
${cases.join('\n')}
  esac
  _describe berth entries || _files
}
if [ "\${funcstack[1]}" = _berth ]; then _berth "$@"; else compdef _berth berth; fi
`;
}

function fish(nodes: readonly Node[]): string {
  const escaped = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap(({ path, words }) =>
    words.map(({ word, does, values }) => {
      const value = values === undefined ? '' : values.length === 0 ? ' -r' : ` -x -a '${list(values)}'`;
      const what = word.startsWith('--') ? `-l ${word.slice(2)}${value}` : `-f -a ${word}`;
      return `complete -c berth -n "test (__berth_node) = '${path}'" ${what} -d ${escaped(does)}`;
    }),
  );
  return `# completion of berth
function __berth_node
  set -l node berth
  for word in (commandline -opc)[2..]
    if contains -- "$node $word" ${list(pathsOf(nodes))}
      set node "$node $word"
    end
  end
  echo $node
end
${lines.join('\n')}
`;
}
