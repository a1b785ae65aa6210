import { Command } from 'commander';
import { defaultUpstreams } from '../fleet/upstreams.ts';
import { type AddOptions, addWithHostKey, pipedSecrets, requestOf, withRights } from './adding-node.ts';
import { absoluteFolder, nodeName, portNumber, upstreamList } from './arguments.ts';
import { problemIn } from '../endpoints/client.ts';
import { askingForSecrets, confirmed, type Session } from './session.ts';
import { detailLines, hostLines, nodeLines, planLines, showPreflight } from './node-lines.ts';
import { showingTask } from './task-progress.ts';

/** Runs the body of a command with a session; the door supplies it. */
export type WithSession = (
  body: (session: Session) => Promise<void>,
  /** `stays`: it runs until it is ended, so others may work through its core meanwhile. */
  how?: { readonly stays: boolean },
) => Promise<void>;

/** `mirrorfleet node …`: add a server, see and apply its plan, check it, remove it. */
export function nodeCommand(withSession: WithSession): Command {
  const node = new Command('node').description('servers that hold your mirrors');

  node
    .command('add')
    .argument('<name>', 'what you will call it', nodeName)
    .argument('<destination>', 'what you would type after ssh: user@host, or a Host of ~/.ssh/config')
    .description('add a server reached by SSH, after looking whether it will do')
    .option('--key <file>', 'SSH key file (default: what ssh would use, and the agent)')
    .option('--jump <host>', 'reach the server through this host')
    .option('--ssh-port <port>', 'port of its SSH server', portNumber)
    .option('--upstream <list>', 'registries to mirror, with commas', upstreamList, [...defaultUpstreams])
    .option('--address <name|ip>', 'what clients connect to (default: the host of the destination)')
    .option('--port <port>', 'port of the edge', portNumber, 443)
    .option('--base <folder>', 'folder on the server (default: /opt/mirrorfleet)', absoluteFolder)
    .option(
      '--accept-host-key <fingerprint>',
      'the SHA256 fingerprint you expect, instead of being asked (with jump hosts several, with commas)',
    )
    .option('--password-stdin', 'read the SSH password from a line of standard input')
    .option('--passphrase-stdin', "read the key's passphrase from a line of standard input")
    .option('--sudo-password-stdin', 'read the password for sudo from a line of standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet node add tokyo root@203.0.113.7\n  $ mirrorfleet node add office ops@10.0.0.5 --jump bastion --upstream docker.io,ghcr.io\n  $ mirrorfleet node add tokyo tokyo-vps        # a Host of ~/.ssh/config',
    )
    .action((name: string, destination: string, options: AddOptions) =>
      withSession(async (session) => {
        const request = requestOf(name, destination, options);
        const secrets = await pipedSecrets(session, options);
        const first = await askingForSecrets(session, name, () =>
          addWithHostKey(session, request, options.acceptHostKey?.split(',') ?? [], secrets),
        );
        const preflight = await withRights(session, first);
        showPreflight(session, preflight);
        if (!session.output.json && preflight.checks.every((check) => check.state !== 'failed')) {
          session.output.line(
            `\nNext: mirrorfleet node plan ${name}   (what would be done)\n      mirrorfleet node apply ${name}  (do it)`,
          );
        }
      }),
    );

  node
    .command('list')
    .description('the nodes of the fleet')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet node list\n  $ mirrorfleet node list --json')
    .action(() =>
      withSession(async (session) => {
        const { nodes } = await session.client.live.snapshot();
        if (session.output.json) session.output.value(nodes);
        else if (nodes.length === 0)
          session.output.line('No node yet. Add your first one: mirrorfleet node add tokyo user@host');
        else for (const line of nodeLines(nodes)) session.output.line(line);
      }),
    );

  node
    .command('hosts')
    .description('the machines that your ssh configuration names, each a destination for `node add`')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet node hosts')
    .action(() =>
      withSession(async (session) => {
        const hosts = await session.client.node.hosts();
        if (session.output.json) session.output.value(hosts);
        else if (hosts.length === 0) session.output.line('Your ssh configuration names no machine.');
        else for (const line of hostLines(hosts)) session.output.line(line);
      }),
    );

  node
    .command('show <name>')
    .description('a node as it was asked for and made: images, who may pull, how to be on its machine')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet node show tokyo')
    .action((name: string) =>
      withSession(async (session) => {
        const detail = await session.client.node.show({ name });
        if (session.output.json) session.output.value(detail);
        else for (const line of detailLines(detail, session.now())) session.output.line(line);
      }),
    );

  node
    .command('preflight <name>')
    .description('look again whether the server will do')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet node preflight tokyo')
    .action((name: string) =>
      withSession(async (session) => {
        const look = () => session.client.node.preflight({ name });
        showPreflight(session, await withRights(session, await askingForSecrets(session, name, look)));
      }),
    );

  node
    .command('plan <name>')
    .description('what applying would change: every file with its diff, every image, container and port')
    .option('--install-engine', "begin with the distribution's Docker and Compose packages")
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet node plan tokyo\n\nNothing is changed by it.')
    .action((name: string, options: { installEngine?: boolean }) =>
      withSession(async (session) => {
        const plan = await askingForSecrets(session, name, () =>
          session.client.node.plan({ name, installEngine: options.installEngine ?? false }),
        );
        if (session.output.json) session.output.value(plan);
        else for (const line of planLines(plan, true)) session.output.line(line);
      }),
    );

  node
    .command('apply <name>')
    .description('make the server what the plan says')
    .option('--install-engine', "begin with the distribution's Docker and Compose packages")
    .option('--break-lock', 'take the node from whoever is said to work on it')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet node apply tokyo\n  $ mirrorfleet node apply tokyo --install-engine --yes\n\nA second apply finds nothing to do. A broken one goes on where it stopped. A failed verification is undone.',
    )
    .action((name: string, options: { installEngine?: boolean; breakLock?: boolean; yes?: boolean }) =>
      withSession(async (session) => {
        try {
          await applyAsPlanned(session, name, options);
        } catch (error) {
          // `--yes` agreed to no plan in particular. What an apply that was killed had begun goes on for a moment on the server.
          if (options.yes !== true || problemIn(error)?.code !== 'plan-outdated') throw error;
          session.output.note(`${name} changed while it was looked at; planning again.`);
          await applyAsPlanned(session, name, options);
        }
      }),
    );

  node
    .command('remove <name>')
    .description('take everything of ours off the server and forget the node')
    .option('--keep-cache', 'leave the cached images on the server')
    .option('--break-lock', 'take the node from whoever is said to work on it')
    .option(
      '--forget',
      'only forget it here; the server is not touched (for a server that is gone), a schedule set there goes on',
    )
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet node remove tokyo\n  $ mirrorfleet node remove tokyo --keep-cache     applied again, it still has its images\n  $ mirrorfleet node remove tokyo --forget         the server is gone already',
    )
    .action((name: string, options: { keepCache?: boolean; forget?: boolean; breakLock?: boolean; yes?: boolean }) =>
      withSession(async (session) => {
        const what =
          options.forget === true
            ? `Forget ${name} and leave the server as it is?`
            : `Remove the mirrors of ${name}${options.keepCache === true ? '' : ' and their cached images, which cannot be undone'}?`;
        if (!(await confirmed(session, options.yes ?? false, what))) {
          session.output.note('Nothing was changed.');
          return;
        }
        const task = await askingForSecrets(session, name, () =>
          showingTask(session, name, () =>
            session.client.node.remove({
              name,
              keepCache: options.keepCache ?? false,
              forget: options.forget ?? false,
              breakLock: options.breakLock ?? false,
            }),
          ),
        );
        if (session.output.json) session.output.value({ task });
        else session.output.line(`${name} is removed.`);
      }),
    );

  return node;
}

/** Plans, shows the plan, asks, and applies that plan and no other. */
async function applyAsPlanned(
  session: Session,
  name: string,
  options: { installEngine?: boolean; breakLock?: boolean; yes?: boolean },
): Promise<void> {
  const installEngine = options.installEngine ?? false;
  const plan = await askingForSecrets(session, name, () => session.client.node.plan({ name, installEngine }));
  if (plan.steps.length === 0) {
    if (plan.warnings.some(({ code }) => code === 'node-locked')) {
      // Where all was done when a run of ours died, all that is left of it is its lock.
      await session.client.node.apply({ name, hash: plan.hash, installEngine, breakLock: false });
    }
    if (session.output.json) session.output.value({ plan });
    else
      session.output.line(
        `Nothing to do: ${name} is what it should be. (${plan.roundTrips} round trip${plan.roundTrips === 1 ? '' : 's'})`,
      );
    return;
  }
  if (!session.output.json) for (const line of planLines(plan, false)) session.output.line(line);
  const interrupts = plan.steps.filter((step) => step.interrupts);
  const warning =
    interrupts.length > 0 ? ` Running pulls may be cut by: ${interrupts.map((step) => step.resource).join(', ')}.` : '';
  if (
    !(await confirmed(session, options.yes ?? false, `Apply these ${plan.steps.length} steps to ${name}?${warning}`))
  ) {
    session.output.note('Nothing was changed.');
    return;
  }
  const task = await showingTask(session, name, () =>
    session.client.node.apply({ name, hash: plan.hash, installEngine, breakLock: options.breakLock ?? false }),
  );
  for (const { message, hint } of task.warnings ?? []) session.output.note(`! ${message}\n  ${hint}`);
  if (session.output.json) session.output.value({ plan, task });
  else session.output.line(`${name} serves. Next: mirrorfleet switch docker ${name}`);
}
