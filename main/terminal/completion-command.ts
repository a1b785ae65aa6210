import { Argument, type Command, Command as CommandOf } from 'commander';

/** A word that may follow, and what it is for. */
interface Word {
  readonly word: string;
  readonly about: string;
  /** An option that a value follows. */
  readonly takesValue?: boolean;
}

/** What the shells need of a command: the words on the way to it, and what may follow. */
interface Place {
  readonly path: string;
  readonly words: readonly Word[];
  readonly below: readonly string[];
}

/** Every command of the program with what may follow it. Pure. */
function placesOf(command: Command, path: string): Place[] {
  const options = command.options.flatMap(({ long, description, required }) =>
    long ? [{ word: long, about: description, takesValue: required }] : [],
  );
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const here: Place = {
    path,
    words: [
      ...command.commands.map((each) => ({ word: each.name(), about: each.description() })),
      ...choices.map((word) => ({ word, about: '' })),
      ...options,
      { word: '--help', about: 'its words and examples' },
    ],
    below: command.commands.map((each) => each.name()),
  };
  return [here, ...command.commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`))];
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
  const places = placesOf(root, root.name());
  switch (shell) {
    case 'bash':
      return bashScript(root.name(), places);
    case 'zsh':
      return zshScript(root.name(), places);
    case 'fish':
      return fishScript(root.name(), places);
  }
}

/** Walks the typed words down the tree of commands, then looks up what may follow: plain sh that bash and zsh both run. */
function walk(name: string, places: readonly Place[]): string {
  const below = places
    .slice(1)
    .map(({ path }) => `      '${path}') at="$at $word" ;;`)
    .join('\n');
  const follow = places
    .map(({ path, words }) => `    '${path}') follow='${words.map(({ word }) => word).join(' ')}' ;;`)
    .join('\n');
  // Not `path`: in zsh that is the search path.
  return `  local at='${name}' word follow=''
  for word in "\${typed[@]}"; do
    case "$at $word" in
${below}
    esac
  done
  case "$at" in
${follow}
  esac
`;
}

function bashScript(name: string, places: readonly Place[]): string {
  return `_${name}() {
  local typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${walk(name, places)}  COMPREPLY=($(compgen -W "$follow" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}

function zshScript(name: string, places: readonly Place[]): string {
  return `#compdef ${name}
_${name}() {
  local -a typed=("\${(@)words[2,CURRENT-1]}")
${walk(name, places)}  compadd -- \${=follow}
}
# Loaded from a folder of fpath it is called at once; sourced, it makes itself known.
if [[ "\${funcstack[1]}" == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, below }) => {
    const seen = path
      .split(' ')
      .slice(1)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
    const when = seen.length === 0 ? '__fish_use_subcommand' : [...seen, ...none].join('; and ');
    return words.map(({ word, about, takesValue }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}${takesValue === true ? ' -r -F' : ''}` : `-a ${word}`;
      const told = about === '' ? '' : ` -d '${about.replace(/[\\']/g, '\\$&')}'`;
      return `complete -c ${name} -n '${when}' ${what}${told}`;
    });
  });
  return `complete -c ${name} -f\n${lines.join('\n')}\n`;
}
