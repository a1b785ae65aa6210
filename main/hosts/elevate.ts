import type { Problem } from '../../preload/contract/problem.ts';

/** How a login becomes root: it is root, sudo asks nothing, or sudo wants the password each time. */
export type Elevation = 'root' | 'free' | 'password';

/**
 * Finds out, in one go. With the argument `known` the sudo password is the first line of standard input. It is tried at most once,
 * because servers lock accounts after a few wrong ones.
 */
export const elevationProbe = `LC_ALL=C; export LC_ALL
if [ "$(id -u)" = 0 ]; then echo elevation:root; exit 0; fi
command -v sudo >/dev/null 2>&1 || { echo elevation:absent; exit 0; }
said=$(sudo -n -- /bin/sh -c 'echo elevation:free' 2>&1 </dev/null)
case $said in *elevation:free*) echo elevation:free; exit 0;; esac
if [ "$1" = known ]; then
  said=$(sudo -S -k -p '' -- /bin/sh -c 'echo elevation:password' 2>&1)
  case $said in *elevation:password*) echo elevation:password; exit 0;; esac
fi
printf 'elevation:refused\\n%s\\n' "$said"`;

/** What the probe's output means. Pure. */
export function readElevation(output: string, passwordKnown: boolean, who: string): Elevation | Problem {
  const found = /^elevation:(\w+)$/m.exec(output)?.[1];
  if (found === 'root' || found === 'free' || found === 'password') return found;
  if (found === 'absent') {
    return {
      code: 'sudo-refused',
      message: `${who} is not root and there is no sudo on that machine. Nothing was changed.`,
      hint: 'Log in as root, or install sudo and allow this user to use it.',
      retryable: false,
    };
  }
  return sudoProblem(output.replace(/^elevation:refused\n/, ''), passwordKnown, who);
}

/** What sudo's own words (English, LC_ALL=C) mean. Pure. */
export function sudoProblem(said: string, passwordKnown: boolean, who: string): Problem {
  const detail = { sudo: said.trim().slice(0, 2000) };
  if (/not in the sudoers file|may not run sudo|not allowed to (execute|run)/i.test(said)) {
    return {
      code: 'sudo-refused',
      message: `${who} may not become root by sudo. Nothing was changed.`,
      hint: 'Let an administrator of that machine add this user to the sudo (or wheel) group, or log in as another user.',
      retryable: false,
      detail,
    };
  }
  if (/must have a tty/i.test(said)) {
    return {
      code: 'sudo-refused',
      message: `sudo of ${who} insists on a terminal (requiretty). Nothing was changed.`,
      hint: 'Remove "Defaults requiretty" from /etc/sudoers for this user.',
      retryable: false,
      detail,
    };
  }
  if (passwordKnown && /try again|incorrect password|no password was provided|authentication fail/i.test(said)) {
    return {
      code: 'sudo-password-wrong',
      message: `sudo of ${who} does not take the password. It was tried once; nothing was changed.`,
      hint: 'Give the sudo password again.',
      retryable: false,
      detail,
    };
  }
  if (!passwordKnown && /password is required|terminal is required|no tty present|askpass/i.test(said)) {
    return {
      code: 'sudo-password-needed',
      message: `sudo of ${who} asks for a password. Nothing was changed.`,
      hint: 'Give the sudo password, or allow this user sudo without one (NOPASSWD).',
      retryable: false,
      detail,
    };
  }
  return {
    code: 'sudo-refused',
    message: `${who} could not become root by sudo. Nothing was changed.`,
    hint: 'Try "sudo -v" there by hand; the detail holds what sudo said.',
    retryable: false,
    detail,
  };
}
