import type { NodeSecrets } from '../../preload/contract/contract.ts';
import { type Problem, ProblemError } from '../../preload/contract/problem.ts';
import { type Client, problemIn } from '../endpoints/client.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';
import type { Prompt } from './prompt.ts';

/** What every command gets: the core's calls, a place to write, someone to ask. */
export interface Session {
  readonly client: Client;
  readonly output: Output;
  readonly prompt: Prompt;
  readonly interruption: Interruption;
  readonly now: () => number;
}

/** A question of ours that nobody could be asked; the program ends with its own exit code. */
export class NeedsAnswer extends ProblemError {}

/** Which secret a Problem asks for, and in which words. */
const wanted: Readonly<Record<string, { name: keyof NodeSecrets; question: string }>> = {
  'ssh-password-needed': { name: 'password', question: 'SSH password' },
  'ssh-passphrase-needed': { name: 'passphrase', question: 'Passphrase of the SSH key' },
  'ssh-passphrase-wrong': { name: 'passphrase', question: 'Passphrase of the SSH key (the last one was wrong)' },
  'sudo-password-needed': { name: 'sudoPassword', question: 'Password for sudo on the server' },
  'ssh-password-wrong': { name: 'password', question: 'SSH password (the last one was wrong)' },
  'sudo-password-wrong': { name: 'sudoPassword', question: 'Password for sudo on the server (the last one was wrong)' },
};

/** How often a wrong secret may be typed before the command gives up. */
export const triesAllowed = 3;

/**
 * Makes a call about a node; where it needs a secret that the vault has not, asks for it, hands it to the vault and tries again.
 * Without a terminal the Problem goes on, as a NeedsAnswer.
 */
export async function askingForSecrets<T>(session: Session, node: string, call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const problem = problemIn(error);
      const want = problem && wanted[problem.code];
      if (!problem || !want || tries >= triesAllowed) throw error;
      const secret = await session.prompt.secret(`${want.question} (${node})`);
      if (!secret) throw new NeedsAnswer(problem, { cause: error });
      await session.client.node.unlock({ name: node, secrets: { [want.name]: secret.reveal() } });
    }
  }
}

/** Asks before something happens; `--yes` has answered already. Throws NeedsAnswer where nobody can be asked. */
export async function confirmed(session: Session, yes: boolean, question: string): Promise<boolean> {
  if (yes) return true;
  const answer = await session.prompt.yesNo(question);
  if (answer !== undefined) return answer;
  throw new NeedsAnswer({
    code: 'confirmation-needed',
    message: 'Nobody could be asked whether to go on, so nothing was changed.',
    hint: 'Look at what would happen, then run the same command with --yes.',
    retryable: false,
  });
}

/** Runs a command; where the vault waits for its passphrase, asks for it and runs the command again. */
export async function withOpenVault(session: Session, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const problem = problemIn(error);
    if (problem?.code !== 'vault-locked') throw error;
    await openVault(session, problem);
    await body();
  }
}

async function openVault(session: Session, locked: Problem): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const again = tries === 1 ? '' : ' (the last one was wrong)';
    const passphrase = await session.prompt.secret(`Passphrase of the vault${again}`);
    if (!passphrase) {
      throw new NeedsAnswer({
        ...locked,
        hint: 'Run it on a terminal; or start `mirrorfleet serve --headless` and open its vault once: mirrorfleet settings unlock --passphrase-stdin',
      });
    }
    try {
      await session.client.settings.openVault({ passphrase: passphrase.reveal() });
      return;
    } catch (error) {
      if (problemIn(error)?.code !== 'vault-key-wrong' || tries >= triesAllowed) throw error;
    }
  }
}
