import type { UpstreamName } from './upstreams.ts';

/** An account that exists on every upstream with tokens from the start. */
export const labAccount = { user: 'pat', password: 'pat-hub-token' } as const;

/** Who may log in where. Repositories under `corp/` are private: they take any account. */
export class Accounts {
  readonly #passwords = new Map<string, string>();

  set(upstream: UpstreamName, user: string, password: string): void {
    this.#passwords.set(`${upstream} ${user}`, password);
  }

  /** Reads an `authorization` header: the account, `anonymous` without one, `wrong` when it does not fit. */
  identify(upstream: UpstreamName, header: string | undefined): { readonly account: string } | 'anonymous' | 'wrong' {
    if (header === undefined) return 'anonymous';
    const [, encoded = ''] = /^basic (.+)$/i.exec(header) ?? [];
    const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
    return this.accepts(upstream, user, rest.join(':')) ? { account: user } : 'wrong';
  }

  accepts(upstream: UpstreamName, user: string, password: string): boolean {
    if (user === labAccount.user && password === labAccount.password) return true;
    return this.#passwords.get(`${upstream} ${user}`) === password;
  }
}

export function isPrivate(repository: string): boolean {
  return repository.startsWith('corp/');
}
