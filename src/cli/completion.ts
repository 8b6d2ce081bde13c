import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What may follow one command: `words` its subcommands and options. */
interface Node {
  /** `berth user create` */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly does: string }[];
}

/** A script that completes the commands and options of the tree. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesOf(program, program.name(), program.options);
  switch (shell) {
    case 'bash':
      return bash(nodes);
    case 'zsh':
      return `#compdef berth\nautoload -U +X bashcompinit && bashcompinit\n${bash(nodes)}`;
    case 'fish':
      return fish(nodes);
  }
}

function nodesOf(command: Command, path: string, global: readonly Option[]): Node[] {
  const options = [...new Set([...command.options, ...global])].filter((option) => !option.hidden);
  const words = [
    ...command.commands.map((child) => ({ word: child.name(), does: child.description() })),
    ...options.flatMap(({ long, description }) => (long ? [{ word: long, does: description }] : [])),
    { word: '--help', does: 'print help' },
  ];
  return [{ path, words }, ...command.commands.flatMap((child) => nodesOf(child, `${path} ${child.name()}`, global))];
}

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`);
  const known = nodes.map(({ path }) => `'${path}'`).join('|');
  return `# completion of berth
_berth() {
  local path=berth words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${known}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _berth berth
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words }) =>
    words.map(({ word, does }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c berth -n "test (__berth_path) = '${path}'" ${what} -d '${does.replaceAll("'", "\\'")}'`;
    }),
  );
  return `# completion of berth
function __berth_path
  set -l path berth
  for word in (commandline -opc)[2..]
    if contains -- "$path $word" ${nodes.map(({ path }) => `'${path}'`).join(' ')}
      set path "$path $word"
    end
  end
  echo $path
end
${lines.join('\n')}
`;
}
