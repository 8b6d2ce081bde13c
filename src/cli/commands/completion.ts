import { Argument, type Command } from 'commander';
import { completionScript, shells } from '../completion.js';
import { commandOf, examples, type Runtime } from '../runtime.js';

export function addCompletionCommand(program: Command, runtime: Runtime): void {
  program
    .command('completion')
    .description('print a script that completes command lines')
    .addArgument(new Argument('<shell>', 'which shell reads it').choices(shells))
    .addHelpText(
      'after',
      examples(
        ['source <(berth completion bash)', 'in ~/.bashrc'],
        ['berth completion zsh > "$fpath[1]/_berth"', 'once, for zsh'],
        ['berth completion fish > ~/.config/fish/completions/berth.fish', 'once, for fish'],
      ),
    )
    .action((...given: unknown[]) => {
      const [shell] = commandOf(given).processedArgs;
      runtime.write(completionScript(program, shells.find((name) => name === shell) ?? 'bash'));
    });
}
