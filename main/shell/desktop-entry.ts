/** Stands in every entry that this app wrote; another file of the same name is someone's own. */
const mark = 'X-Mirrorfleet-Autostart=true';

/** The desktop entry that starts a command when its user logs in. */
export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Mirrorfleet',
    'Comment=Container-registry mirrors of your own',
    'Comment[zh_CN]=你自己的容器镜像加速',
    `Exec=${execLine(command)}`,
    'Icon=mirrorfleet-desktop',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    mark,
    '',
  ].join('\n');
}

/** Whether a desktop entry was written by this app. */
export function isOurEntry(text: string): boolean {
  return text.split('\n').some((line) => line.trim() === mark);
}

/**
 * A command as the value of `Exec` (Desktop Entry Specification, "The Exec key"): arguments with reserved characters stand in double quotes
 * with `"`, `` ` ``, `$` and `\` escaped, `%` is doubled, and then the rules for values of type string double every backslash again.
 */
export function execLine(command: readonly string[]): string {
  return command
    .map((argument) => {
      const plain = argument.replaceAll('%', '%%');
      return /^[A-Za-z0-9_./:@,+=%-]+$/.test(plain) ? plain : `"${plain.replace(/["`$\\]/g, '\\$&')}"`;
    })
    .join(' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
}
