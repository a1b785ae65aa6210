import type { NodeSecrets } from '../../preload/contract/contract.ts';
import type { NodeRequest, Preflight } from '../../preload/contract/node.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
import { problemIn } from '../endpoints/client.ts';
import { upstreamOf } from '../fleet/upstreams.ts';
import { askingForSecrets, NeedsAnswer, type Session } from './session.ts';

/** The options of `node add`, read. */
export interface AddOptions {
  key?: string;
  jump?: string;
  upstream: string[];
  address?: string;
  port: number;
  sshPort?: number;
  base?: string;
  acceptHostKey?: string;
  passwordStdin?: boolean;
  passphraseStdin?: boolean;
  sudoPasswordStdin?: boolean;
}

export function requestOf(name: string, destination: string, options: AddOptions): NodeRequest {
  return {
    name,
    kind: 'ssh',
    target: {
      destination,
      ...(options.sshPort === undefined ? {} : { port: options.sshPort }),
      ...(options.key === undefined ? {} : { identityFile: options.key }),
      ...(options.jump === undefined ? {} : { jump: options.jump }),
    },
    upstreams: [...new Set(options.upstream.map((each) => upstreamOf(each).id))],
    ...(options.address === undefined ? {} : { address: options.address }),
    port: options.port,
    ...(options.base === undefined ? {} : { base: options.base }),
  };
}

export async function pipedSecrets(session: Session, options: AddOptions): Promise<NodeSecrets> {
  const secrets: NodeSecrets = {};
  for (const [wanted, name] of [
    [options.passwordStdin, 'password'],
    [options.passphraseStdin, 'passphrase'],
    [options.sudoPasswordStdin, 'sudoPassword'],
  ] as const) {
    const line = wanted === true ? await session.prompt.pipedLine() : undefined;
    if (line !== undefined) secrets[name] = line;
  }
  return secrets;
}

/** Adds; shows each unknown host key on the way and pins it when the person says yes. A changed one is never accepted here. */
export async function addWithHostKey(
  session: Session,
  spec: NodeRequest,
  accepted: readonly string[],
  secrets: NodeSecrets,
): Promise<Preflight> {
  try {
    return await session.client.node.add({
      spec,
      secrets,
      ...(accepted.length === 0 ? {} : { acceptHostKey: accepted.join(',') }),
    });
  } catch (error) {
    const problem = problemIn(error);
    const { fingerprint, host, type } = problem?.detail ?? {};
    if (problem?.code !== 'host-key-unknown' || fingerprint === undefined) throw error;
    session.output.note(
      `${host ?? spec.target.destination} shows this ${type ?? ''} key for the first time:\n  ${fingerprint}`,
    );
    const trusted = await session.prompt.yesNo('Is it the right one? It will be remembered.');
    const all = [...accepted, fingerprint];
    if (trusted === undefined)
      throw new NeedsAnswer(
        {
          ...problem,
          hint: `Compare the fingerprint with the server's own, then add: --accept-host-key ${all.join(',')}`,
        },
        { cause: error },
      );
    if (!trusted)
      throw new ProblemError(
        {
          code: 'host-key-not-accepted',
          message: 'The host key was not accepted; nothing was added.',
          hint: 'Compare it with the one your provider or the server shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).',
          retryable: false,
        },
        { cause: error },
      );
    return await addWithHostKey(session, spec, all, secrets);
  }
}

/** A preflight that found that sudo wants a password: asks for it, where someone can be asked, and looks again. */
export async function withRights(session: Session, preflight: Preflight): Promise<Preflight> {
  const name = preflight.node;
  const wanting = (found: Preflight) =>
    found.checks.find((check) => check.problem && sudoProblems.has(check.problem.code))?.problem;
  if (!wanting(preflight)) return preflight;
  let last = preflight;
  try {
    await askingForSecrets(session, name, async () => {
      const problem = wanting(last);
      if (!problem) return;
      last = await session.client.node.preflight({ name });
      const still = wanting(last);
      if (still) throw new ProblemError(still);
    });
  } catch (error) {
    // What was found is shown either way, with the way out.
    if (!sudoProblems.has(problemIn(error)?.code ?? '')) throw error;
  }
  return last;
}

const sudoProblems: ReadonlySet<string> = new Set(['sudo-password-needed', 'sudo-password-wrong']);
