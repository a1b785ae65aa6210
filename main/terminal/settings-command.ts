import { Argument, Command } from 'commander';
import { fail } from '../../preload/contract/problem.ts';
import { days, span } from './arguments.ts';
import type { WithSession } from './node-command.ts';
import { NeedsAnswer, type Session } from './session.ts';

type VaultChoice = 'keychain' | 'passphrase' | 'key-file';

/** `mirrorfleet settings …`: images nodes run, the watch's pace, what is kept, where the vault's key lives. */
export function settingsCommand(withSession: WithSession): Command {
  const settings = new Command('settings').description(
    'images that nodes run, how the fleet is watched, what is kept, where secrets are sealed',
  );

  settings
    .command('show', { isDefault: true })
    .description('all settings')
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet settings show')
    .action(() =>
      withSession(async (session) => {
        const now = await session.client.settings.get();
        if (session.output.json) {
          session.output.value(now);
          return;
        }
        for (const [name, source] of Object.entries(now.images)) {
          session.output.line(
            `image ${name.padEnd(9)} ${source.reference}${source.archive === undefined ? '' : `  (uploaded from ${source.archive})`}`,
          );
        }
        session.output.line(
          `watch           every ${now.watch.everySeconds} s, what asks an upstream every ${now.watch.upstreamEverySeconds} s`,
        );
        session.output.line(
          `keep            measurements ${now.keep.historyDays} days, activity ${now.keep.activityDays} days`,
        );
        const { locked } = await session.client.settings.vault();
        session.output.line(
          `vault           ${now.vault}${now.vault === 'key-file' ? '  (anyone who reads the key file can open it)' : ''}${locked ? '  (locked: mirrorfleet settings unlock)' : ''}`,
        );
      }),
    );

  settings
    .command('image')
    .description('use another image, or upload it where a node cannot pull')
    .addArgument(new Argument('<image>').choices(['registry', 'envoy']))
    .argument('<reference>', 'for example registry.example/registry:3.1.1')
    .option('--archive <file>', 'a `docker save` archive on this computer, uploaded to nodes that cannot pull')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet settings image envoy registry.example/envoy:distroless-v1.40.0\n  $ mirrorfleet settings image registry docker.io/library/registry:3.1.1 --archive registry.tar',
    )
    .action((image: 'registry' | 'envoy', reference: string, options: { archive?: string }) =>
      withSession(async (session) => {
        const next = await session.client.settings.setImage({
          image,
          source: { reference, ...(options.archive === undefined ? {} : { archive: options.archive }) },
        });
        if (session.output.json) session.output.value(next);
        else session.output.line(`Nodes will run ${reference}. Next: mirrorfleet node plan <name>`);
      }),
    );

  settings
    .command('watch')
    .description('how often the fleet is looked at; a running core follows at once')
    .option('--every <span>', 'cached images and machines (5s to 1h)', span)
    .option('--upstream <span>', 'what asks an upstream (1min to 24h)', span)
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet settings watch --every 30s --upstream 2min')
    .action((options: { every?: number; upstream?: number }) =>
      withSession(async (session) => {
        const { watch } = await session.client.settings.get();
        const next = await session.client.settings.setWatch({
          everySeconds: options.every ?? watch.everySeconds,
          upstreamEverySeconds: options.upstream ?? watch.upstreamEverySeconds,
        });
        if (session.output.json) session.output.value(next);
        else
          session.output.line(
            `Nodes are looked at every ${next.watch.everySeconds} s, upstreams asked every ${next.watch.upstreamEverySeconds} s.`,
          );
      }),
    );

  settings
    .command('keep')
    .description('how long measurements and the journal are kept')
    .option('--history <span>', 'measurements (1d and more)', days)
    .option('--activity <span>', 'the journal of changes (1d and more)', days)
    .addHelpText('after', '\nExamples:\n  $ mirrorfleet settings keep --history 90d --activity 365d')
    .action((options: { history?: number; activity?: number }) =>
      withSession(async (session) => {
        const { keep } = await session.client.settings.get();
        const next = await session.client.settings.setKeep({
          historyDays: options.history ?? keep.historyDays,
          activityDays: options.activity ?? keep.activityDays,
        });
        if (session.output.json) session.output.value(next);
        else
          session.output.line(
            `Measurements are kept for ${next.keep.historyDays} days, activity for ${next.keep.activityDays} days.`,
          );
      }),
    );

  settings
    .command('vault')
    .description(
      "choose where the key lives that seals your secrets: the system's keychain, a passphrase, or a file only you can read",
    )
    .addArgument(new Argument('<where>').choices(['keychain', 'passphrase', 'key-file']))
    .option('--passphrase-stdin', 'read the passphrase from a line of standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet settings vault keychain\n  $ mirrorfleet settings vault passphrase      asked whenever a core starts\n  $ mirrorfleet settings vault key-file        anyone who reads that file can open the vault',
    )
    .action((where: VaultChoice, options: { passphraseStdin?: boolean }) =>
      withSession(async (session) => {
        let passphrase: string | undefined;
        if (where === 'passphrase') {
          passphrase =
            options.passphraseStdin === true ? await session.prompt.pipedLine() : await newPassphrase(session);
          if (passphrase === undefined) {
            throw new NeedsAnswer(passphraseNeeded);
          }
          if (passphrase.length < 8) {
            fail({
              code: 'passphrase-short',
              message: 'A passphrase of fewer than 8 characters protects nothing; the vault was not changed.',
              hint: 'Choose a longer one.',
            });
          }
        }
        const next = await session.client.settings.chooseVault({
          vault: where,
          ...(passphrase === undefined ? {} : { passphrase }),
        });
        if (session.output.json) session.output.value(next);
        else session.output.line(`Secrets are sealed with a key from: ${next.vault}`);
      }),
    );

  settings
    .command('unlock')
    .description('open a vault whose key is a passphrase, for as long as the core runs')
    .option('--passphrase-stdin', 'read the passphrase from a line of standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet settings unlock\n  $ mirrorfleet settings unlock --passphrase-stdin < passphrase.txt',
    )
    .action((options: { passphraseStdin?: boolean }) =>
      withSession(async (session) => {
        const passphrase =
          options.passphraseStdin === true
            ? await session.prompt.pipedLine()
            : (await session.prompt.secret('Passphrase of the vault'))?.reveal();
        if (passphrase === undefined) throw new NeedsAnswer(passphraseNeeded);
        await session.client.settings.openVault({ passphrase });
        if (!session.output.json) session.output.line('The vault is open.');
      }),
    );

  return settings;
}

/** A new passphrase, typed twice: a slip of the finger would lock the vault for good. */
async function newPassphrase(session: Session): Promise<string | undefined> {
  const first = (await session.prompt.secret('New passphrase for the vault'))?.reveal();
  if (first === undefined) return undefined;
  const second = (await session.prompt.secret('The same again'))?.reveal();
  if (first === second) return first;
  return fail({
    code: 'passphrases-differ',
    message: 'The two passphrases differ; the vault was not changed.',
    hint: 'Type the same one twice.',
  });
}

const passphraseNeeded = {
  code: 'passphrase-needed',
  message: 'Nobody could be asked for the passphrase.',
  hint: 'Run it on a terminal, or add --passphrase-stdin.',
  retryable: false,
};
