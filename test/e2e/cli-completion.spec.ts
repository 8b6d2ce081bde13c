import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { berth } from '../support/berth-command.js';
import { run } from '../support/child.js';
import { requireTool } from '../support/tools.js';

/** Each shell itself is asked what it would offer behind a command line. */
const shells = {
  bash: {
    file: 'berth.bash',
    ask: (file: string, line: string) => [
      '--noprofile',
      '--norc',
      '-c',
      `source '${file}'; COMP_WORDS=(${line}${line.endsWith(' ') ? ' ""' : ''}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _berth; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
  },
  fish: {
    file: 'berth.fish',
    ask: (file: string, line: string) => ['-N', '-c', `source '${file}'; complete -C '${line}'`],
  },
  // Completion of zsh runs in its line editor only: one on a pseudo-terminal is typed the line, Tab, and a key that tells when it is through.
  zsh: {
    file: '_berth',
    ask: (file: string, line: string) => [
      '-f',
      '-c',
      `zmodload zsh/zpty
      zpty inner zsh -f -i
      zpty -w inner "PS1='prompt> '; stty columns 200 rows 200; fpath=('\${1:h}' \\$fpath); autoload -Uz compinit; compinit -u -D"
      zpty -w inner "shown() { zle -I; print @en''d@ }; zle -N shown; bindkey '^G' shown; print @rea''dy@"
      zpty -r inner text '*@ready@*prompt> *'
      zpty -w -n inner "$2"$'\\t\\a'
      zpty -r inner text '*@end@*'
      print -r -- "$text"`,
      'zsh',
      file,
      line,
    ],
  },
};

describe.each(Object.entries(shells))('%s', (shell, { file, ask }) => {
  requireTool(shell)(shell, () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'berth-shell-'));
      const { stdout } = await berth(['completion', shell]);
      await writeFile(join(directory, file), stdout);
    });
    afterAll(() => rm(directory, { recursive: true }));

    const offered = async (line: string) => {
      const { stdout, stderr } = await run(shell, ask(join(directory, file), line), {
        env: { PATH: process.env.PATH, HOME: directory, TERM: 'dumb' },
        timeoutMs: 20_000,
      });
      expect(stderr).toBe('');
      return stdout;
    };

    test.each<[line: string, offers: string[], not: string[]]>([
      ['berth ', ['user', 'audit', 'stats'], ['create']],
      ['berth tag re', ['retag'], ['delete', 'history']],
      ['berth --quiet group ', ['members', 'update'], ['retag']],
      ['berth user create --ro', ['--role'], ['--limit']],
      ['berth --output ', ['table', 'json', 'yaml'], ['user']],
      ['berth user create ann --role ', ['admin', 'user'], ['--email']],
      ['berth completion ', ['bash', 'fish', 'zsh'], []],
    ])('%j', async (line, offers, not) => {
      const words = (await offered(line)).split(/[^\w-]+/);
      expect(words).toEqual(expect.arrayContaining(offers));
      for (const word of not) expect(words).not.toContain(word);
    });
  });
});
