import type { NodeSecrets } from '../../../preload/contract/contract.ts';
import type { HostKey, Preflight } from '../../../preload/contract/node.ts';
import type { Problem } from '../../../preload/contract/problem.ts';

/** What has to be answered by the person before the server lets us in or lets us work. */
export type Question =
  | { readonly kind: 'host-key'; readonly key: HostKey; readonly differs: boolean }
  | { readonly kind: 'secret'; readonly secret: keyof NodeSecrets; readonly wrong: boolean; readonly file?: string };

const secrets: Readonly<Record<string, { readonly secret: keyof NodeSecrets; readonly wrong: boolean }>> = {
  'ssh-password-needed': { secret: 'password', wrong: false },
  'ssh-password-wrong': { secret: 'password', wrong: true },
  'ssh-passphrase-needed': { secret: 'passphrase', wrong: false },
  'ssh-passphrase-wrong': { secret: 'passphrase', wrong: true },
  'sudo-password-needed': { secret: 'sudoPassword', wrong: false },
  'sudo-password-wrong': { secret: 'sudoPassword', wrong: true },
};

/** The question a problem asks; undefined where no answer typed here would help. */
export function questionOf({ code, detail }: Problem): Question | undefined {
  const asked = secrets[code];
  if (asked) return { kind: 'secret', ...asked, ...(detail?.['file'] === undefined ? {} : { file: detail['file'] }) };
  if (code !== 'host-key-unknown' && code !== 'host-key-differs') return undefined;
  const { host, type, fingerprint } = detail ?? {};
  if (host === undefined || fingerprint === undefined) return undefined;
  return { kind: 'host-key', key: { host, type: type ?? '', fingerprint }, differs: code === 'host-key-differs' };
}

/** The question that a preflight asks: sudo's password, which only looking at the machine shows to be needed. */
export function questionIn(preflight: Preflight | undefined): Question | undefined {
  for (const { problem } of preflight?.checks ?? []) {
    const question = problem && questionOf(problem);
    if (question) return question;
  }
  return undefined;
}

/** The command that shows a server's own fingerprint of that kind of key, for comparing. */
export function fingerprintCommand(type: string): string {
  const kind = /rsa/.test(type) ? 'rsa' : /ecdsa/.test(type) ? 'ecdsa' : 'ed25519';
  return `ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`;
}
