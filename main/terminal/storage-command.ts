import { Command } from 'commander';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import { type RuntimeId, runtimeIdSchema } from '../../preload/contract/runtime.ts';
import { problemIn } from '../endpoints/client.ts';
import { bytesText } from './figures.ts';
import type { WithSession } from './node-command.ts';
import { tableLines } from './table.ts';

/** `mirrorfleet storage`: what the engines of this computer keep on its own disk. */
export function storageCommand(withSession: WithSession): Command {
  return new Command('storage')
    .description("what this computer's engines keep on its own disk")
    .addHelpText(
      'after',
      '\nExamples:\n  $ mirrorfleet storage\n  $ mirrorfleet storage --json\n\nRECLAIMABLE: images that no container uses. containerd tells it only to who becomes root without a password.',
    )
    .action(() =>
      withSession(async (session) => {
        const kept: { runtime: RuntimeId; storage: LocalStorage }[] = [];
        for (const runtime of runtimeIdSchema.options) {
          try {
            kept.push({ runtime, storage: await session.client.runtime.storage({ runtime }) });
          } catch (error) {
            const problem = problemIn(error);
            if (!problem) throw error;
            session.output.note(`– ${runtime}: ${problem.message}`);
          }
        }
        if (session.output.json) session.output.value({ engines: kept });
        else for (const line of storageLines(kept)) session.output.line(line);
      }),
    );
}

function storageLines(kept: readonly { runtime: RuntimeId; storage: LocalStorage }[]): string[] {
  if (kept.length === 0) return ['No engine tells what it keeps.'];
  return tableLines(
    [
      { heading: 'ENGINE' },
      { heading: 'IMAGES', figures: true },
      { heading: 'SIZE', figures: true },
      { heading: 'RECLAIMABLE', figures: true },
      { heading: 'BUILD CACHE', figures: true },
    ],
    kept.map(({ runtime, storage: { images, buildCacheBytes } }) => [
      runtime,
      String(images.count),
      bytesText(images.bytes),
      bytesText(images.reclaimableBytes),
      buildCacheBytes === undefined ? '–' : bytesText(buildCacheBytes),
    ]),
  );
}
