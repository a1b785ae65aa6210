import type { RootfsName } from './rootfs.ts';

export const machineNames = ['laptop', 'alpha', 'beta', 'gamma', 'bare', 'small'] as const;
export type MachineName = (typeof machineNames)[number];

/** The bridge, the name server and the small internet have this address; so has the command that `run.ts` starts. */
export const switchAddress = '203.0.113.53';
export const networkPrefix = 24;

/** What a machine is before anybody touches it. */
export interface MachinePlan {
  readonly name: MachineName;
  readonly address: string;
  /** The user that logs in by key. */
  readonly user: string;
  readonly sudo: 'is root' | 'free' | 'asks password';
  /** Set as the user's password: for sudo, and for SSH where the server allows passwords. */
  readonly password?: string;
  /** `host` = this computer's own programs under an overlay whose writes are thrown away. */
  readonly root: RootfsName | 'host';
  readonly engine: boolean;
  readonly memoryBytes?: number;
  /** /opt and /var/lib/docker then share one file system of this size. */
  readonly diskBytes?: number;
}

const MiB = 1024 * 1024;

export const catalogue: Readonly<Record<MachineName, MachinePlan>> = {
  laptop: {
    name: 'laptop',
    address: '203.0.113.1',
    user: 'dev',
    sudo: 'asks password',
    password: 'dev-sudo-pw',
    root: 'host',
    engine: true,
  },
  alpha: { name: 'alpha', address: '203.0.113.11', user: 'root', sudo: 'is root', root: 'engine', engine: true },
  beta: { name: 'beta', address: '203.0.113.12', user: 'ops', sudo: 'free', root: 'engine', engine: true },
  gamma: {
    name: 'gamma',
    address: '203.0.113.13',
    user: 'pat',
    sudo: 'asks password',
    password: 'pat-sudo-pw',
    root: 'old',
    engine: true,
  },
  bare: { name: 'bare', address: '203.0.113.14', user: 'ops', sudo: 'free', root: 'base', engine: false },
  small: {
    name: 'small',
    address: '203.0.113.15',
    user: 'root',
    sudo: 'is root',
    root: 'engine',
    engine: true,
    memoryBytes: 1024 * MiB,
    diskBytes: 640 * MiB,
  },
};

/** Words as a person types them; throws at one that names no machine. */
export function parseMachineNames(words: readonly string[]): readonly MachineName[] {
  return words.map((word) => {
    const known = machineNames.find((name) => name === word);
    if (known === undefined) throw new Error(`no machine is called ${word}; there are ${machineNames.join(', ')}`);
    return known;
  });
}

export function homeOf(user: string): string {
  return user === 'root' ? '/root' : `/home/${user}`;
}
