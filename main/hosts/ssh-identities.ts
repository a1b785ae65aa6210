import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type BaseAgent, type ParsedKey } from 'ssh2';
import { fail, type Problem } from '../../preload/contract/problem.ts';
import type { Secret } from '../log/secret.ts';
import { chosenAgent } from './chosen-agent.ts';
import type { SshDestination } from './ssh-config.ts';

/** What a person gave for one node. None of it reaches another machine than that node; the passphrase reaches none at all. */
export interface HostSecrets {
  readonly password?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  readonly sudoPassword?: Secret | undefined;
}

/** A key file on this computer as far as it could be read. */
type Identity =
  | { readonly kind: 'usable'; readonly file: string; readonly key: ParsedKey }
  | { readonly kind: 'locked' | 'wrong-passphrase' | 'unreadable' | 'missing'; readonly file: string };

/** The ways to log in, in the order to try them, and why some ways are closed. */
export interface LoginPlan {
  readonly attempts: readonly { readonly label: string; readonly needs: string; readonly method: AnyAuthMethod }[];
  /** Says why nothing worked, given the methods the server would still take. */
  explain(methodsLeft: readonly string[]): Problem;
}

async function readIdentity(file: string, passphrase: Secret | undefined): Promise<Identity> {
  let text: Buffer;
  try {
    text = await readFile(file);
  } catch (error) {
    return {
      kind: error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'unreadable',
      file,
    };
  }
  const parse = (phrase?: string) => ssh2.utils.parseKey(text, phrase);
  let key = parse();
  // ssh2 tells a missing passphrase from a wrong one only by its words.
  if (key instanceof Error && /no passphrase given/i.test(key.message)) {
    if (passphrase === undefined) return { kind: 'locked', file };
    key = parse(passphrase.reveal());
    if (key instanceof Error) return { kind: 'wrong-passphrase', file };
  }
  if (key instanceof Error || !key.isPrivateKey()) return { kind: 'unreadable', file };
  return { kind: 'usable', file, key };
}

/**
 * Prepares the login: the key that was named, the agent, the usual key files, then the password (also by keyboard-interactive, which
 * many servers offer instead). `chosenKey` is the key file a person named for this node; its absence is a Problem.
 */
export async function planLogin(
  destination: SshDestination,
  secrets: HostSecrets,
  chosenKey: string | undefined,
): Promise<LoginPlan> {
  const identities = await Promise.all(destination.identityFiles.map((file) => readIdentity(file, secrets.passphrase)));
  const chosen = chosenKey === undefined ? undefined : identities[0];
  if (chosen?.kind === 'missing' || chosen?.kind === 'unreadable') {
    fail({
      code: 'ssh-key-unreadable',
      message: `The key file ${chosen.file} ${chosen.kind === 'missing' ? 'does not exist' : 'is not a private key that can be used'}. Nothing was sent.`,
      hint: 'Name another key file, or leave it out to use your agent and usual keys.',
      detail: { file: chosen.file },
    });
  }
  const username = destination.user;
  const fileAttempts = identities
    .filter((each) => each.kind === 'usable')
    .map((each) => ({
      label: `key ${each.file}`,
      needs: 'publickey',
      method: { type: 'publickey' as const, username, key: each.key },
    }));
  const agent = await agentFor(destination);
  const agentAttempts =
    agent === undefined
      ? []
      : [{ label: 'agent', needs: 'publickey', method: { type: 'agent' as const, username, agent } }];
  const named =
    chosenKey === undefined ? 0 : fileAttempts.findIndex((each) => each.label === `key ${chosen?.file}`) + 1;
  const attempts = [
    ...fileAttempts.slice(0, named),
    ...agentAttempts,
    ...fileAttempts.slice(named),
    ...passwordAttempts(username, secrets.password),
  ];
  return {
    attempts,
    explain: (left) =>
      explain(
        destination,
        secrets,
        identities,
        chosen,
        attempts.map((each) => each.label),
        left,
      ),
  };
}

function agentFor({ agent, identitiesOnly, identityFiles }: SshDestination): Promise<BaseAgent | string | undefined> {
  return agent !== undefined && identitiesOnly ? chosenAgent(agent, identityFiles) : Promise.resolve(agent);
}

function passwordAttempts(username: string, password: Secret | undefined): LoginPlan['attempts'] {
  if (password === undefined) return [];
  return [
    { label: 'password', needs: 'password', method: { type: 'password', username, password: password.reveal() } },
    {
      label: 'password by keyboard-interactive',
      needs: 'keyboard-interactive',
      method: {
        type: 'keyboard-interactive',
        username,
        // A prompt that shows what is typed does not ask for a password; it gets no answer.
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.map((prompt) => (prompt.echo === true ? '' : password.reveal()))),
      },
    },
  ];
}

function explain(
  destination: SshDestination,
  secrets: HostSecrets,
  identities: readonly Identity[],
  chosen: Identity | undefined,
  tried: readonly string[],
  left: readonly string[],
): Problem {
  const who = `${destination.user}@${destination.hostname}`;
  const blocked = (kind: Identity['kind']) =>
    chosen?.kind === kind ? chosen : identities.find((each) => each.kind === kind);
  const wrong = blocked('wrong-passphrase');
  const locked = blocked('locked');
  const takesPassword = left.includes('password') || left.includes('keyboard-interactive');
  const detail = { tried: tried.join(', ') || 'nothing', server: left.join(', ') };
  if (wrong !== undefined && (secrets.password === undefined || wrong === chosen)) {
    return {
      code: 'ssh-passphrase-wrong',
      message: `The passphrase does not open ${wrong.file}, so ${who} was not logged in to.`,
      hint: 'Give the passphrase of this key file again.',
      retryable: false,
      detail: { ...detail, file: wrong.file },
    };
  }
  if (locked !== undefined && (locked === chosen || !takesPassword)) {
    return {
      code: 'ssh-passphrase-needed',
      message: `The key file ${locked.file} is locked by a passphrase, so ${who} was not logged in to.`,
      hint: 'Give its passphrase, or add the key to your SSH agent (ssh-add).',
      retryable: false,
      detail: { ...detail, file: locked.file },
    };
  }
  if (takesPassword && secrets.password === undefined) {
    return {
      code: 'ssh-password-needed',
      message: `${who} accepts none of your keys and asks for a password.`,
      hint: 'Give the password, or put your public key on the server (ssh-copy-id).',
      retryable: false,
      detail,
    };
  }
  if (takesPassword) {
    return {
      code: 'ssh-password-wrong',
      message: `${who} refused the password. Nothing was changed.`,
      hint: 'Type it again, and check the user name. A second factor asked at the prompt is not supported; use a key.',
      retryable: false,
      detail,
    };
  }
  return {
    code: 'ssh-login-refused',
    message: `${who} refused the login. Tried: ${detail.tried}. Nothing was changed.`,
    hint: 'Put your public key on the server (ssh-copy-id), or name the right key file.',
    retryable: false,
    detail,
  };
}
