import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { switchAddress } from './catalogue.ts';
import { cgroupName, enterCgroupScript, makeCgroup, removeCgroups } from './cgroups.ts';
import { stateFile, type LabState } from './lab-state.ts';

/** Variables that would send a client past the lab's names or make it trust other certificates than the lab's. */
const misleading = [
  ...'SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE AWS_CA_BUNDLE NIX_SSL_CERT_FILE GIT_SSL_CAINFO PIP_CERT'.split(
    ' ',
  ),
  ...'http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY'.split(' '),
  ...'DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT CONTAINER_HOST KUBECONFIG SSH_AUTH_SOCK'.split(' '),
];

const bundle = '/etc/ssl/certs/ca-certificates.crt';

/** A command at the switch. It and all its children also die when this process does. */
export interface LabCommand {
  /** Its exit code, when it has ended. */
  readonly finished: Promise<number>;
  /** Passes the signal on, and after `grace` milliseconds kills the command with all its children. */
  stop(signal: NodeJS.Signals, grace?: number): Promise<void>;
}

/**
 * Starts a command as if it sat at the lab's switch: its network is the switch's, its DNS and trusted certificates are
 * the lab's, everything else is this computer.
 */
export async function startInLab(state: LabState, argv: readonly string[]): Promise<LabCommand> {
  const resolvFile = join(state.dir, 'resolv.conf');
  const bundleFile = join(state.dir, 'ca-certificates.crt');
  await writeFile(resolvFile, `nameserver ${switchAddress}\n`);
  await writeFile(bundleFile, Buffer.concat([await readFile(bundle), await readFile(state.caFile)]));
  const group = cgroupName(state.run, `command-${process.pid}`);
  await makeCgroup(group);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    MIRRORFLEET_LAB: stateFile(state.dir),
    NODE_EXTRA_CA_CERTS: state.caFile,
  };
  for (const name of misleading) delete env[name];
  const settle = `mount --bind ${resolvFile} /etc/resolv.conf; mount --bind ${bundleFile} ${bundle}; exec "$@"`;
  const wrapped = [
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    enterCgroupScript(group),
    'enter',
    'nsenter',
    '--target',
    String(state.switchPid),
    '--net',
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    settle,
    'settle',
    ...argv,
  ];
  const child = spawn('setpriv', wrapped, { stdio: 'inherit', env });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 137));
  });
  const finished = ended.then(async (code) => {
    await removeCgroups(group);
    return code;
  });
  return {
    finished,
    stop: async (signal, grace = 3_000) => {
      // At a terminal Ctrl-C has reached the command already, and a second one means "at once" to many programs.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      await Promise.race([finished, sleep(grace)]);
      await removeCgroups(group);
    },
  };
}
