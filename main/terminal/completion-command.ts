import { Argument, type Command, Command as CommandOf } from 'commander';

/** What the shells need of a command: its words below it and its options. */
interface Words {
  readonly path: string;
  readonly words: readonly string[];
}

/** Every command of the program with what may follow it. Pure. */
function wordsOf(command: Command, path: string): Words[] {
  const options = command.options.flatMap((option) => option.long ?? []);
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const here = { path, words: [...command.commands.map((each) => each.name()), ...choices, ...options, '--help'] };
  return [here, ...command.commands.flatMap((each) => wordsOf(each, `${path} ${each.name()}`))];
}

/** `mirrorfleet completion bash|zsh|fish`: a script for the shell to source, made from the commands themselves. */
export function completionCommand(write: (text: string) => void): Command {
  return new CommandOf('completion')
    .description('a completion script for your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet completion bash > ~/.local/share/bash-completion/completions/mirrorfleet\n  $ mirrorfleet completion zsh > "${fpath[1]}/_mirrorfleet"\n  $ mirrorfleet completion fish > ~/.config/fish/completions/mirrorfleet.fish',
    )
    .action((shell: 'bash' | 'zsh' | 'fish', _options: unknown, self: Command) => {
      const root = self.parent ?? self;
      write(completionScript(shell, root));
    });
}

/** The script for one shell. Pure: the same commands give the same text. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', root: Command): string {
  const all = wordsOf(root, root.name());
  const name = root.name();
  switch (shell) {
    case 'bash':
    case 'zsh': {
      const cases = all.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n');
      const body = `  local path='${name}' word words=''\n  for word in "\${typed[@]}"; do\n    case "$path $word" in\n${all
        .map(({ path }) => `      '${path}') path="$path $word" ;;`)
        .slice(1)
        .join('\n')}\n    esac\n  done\n  case "$path" in\n${cases}\n  esac\n`;
      if (shell === 'bash') {
        return `_${name}() {\n  local typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")\n${body}  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))\n}\ncomplete -o default -F _${name} ${name}\n`;
      }
      return `#compdef ${name}\n_${name}() {\n  local -a typed=("\${(@)words[2,CURRENT-1]}")\n${body.replaceAll('words', 'follow')}  compadd -- \${=follow}\n}\n_${name} "$@"\n`;
    }
    case 'fish':
      return all
        .flatMap(({ path, words }) => {
          const before = path.split(' ').slice(1);
          const condition =
            before.length === 0
              ? '__fish_use_subcommand'
              : before.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
          return words.map((word) =>
            word.startsWith('--')
              ? `complete -c ${name} -n '${condition}' -l ${word.slice(2)}`
              : `complete -c ${name} -f -n '${condition}' -a ${word}`,
          );
        })
        .join('\n')
        .concat('\n');
  }
}
