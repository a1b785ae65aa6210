import { implement } from '@orpc/server';
import { contract } from '../../preload/contract/contract.ts';
import type { Change, Snapshot } from '../../preload/contract/live.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { Api } from '../api.ts';
import type { Log } from '../log/log.ts';

/** The contract served by an Api: the one router behind every transport. Arguments are validated by the contract before they arrive. */
export function createRouter(api: Api, log: Log) {
  const os = implement(contract);
  /** Turns the Problem a call threw into the contract's typed error; bugs are logged, go on and are masked by the transport. */
  const answer = async <T>(
    errors: { PROBLEM: (options: { message: string; data: ProblemError['problem'] }) => Error },
    body: () => Promise<T> | T,
  ): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      if (error instanceof ProblemError) throw errors.PROBLEM({ message: error.problem.message, data: error.problem });
      log.error('A call ended in a bug.', { error: error instanceof Error ? error.stack : String(error) });
      throw error;
    }
  };
  return os.router({
    live: {
      snapshot: os.live.snapshot.handler(() => api.snapshot()),
      watch: os.live.watch.handler(async function* ({ signal }) {
        yield* watch(api, signal);
      }),
      refresh: os.live.refresh.handler(({ errors }) => answer(errors, () => api.refresh())),
    },
    node: {
      add: os.node.add.handler(({ input, errors }) =>
        answer(errors, () => api.addNode(input.spec, input.acceptHostKey, input.secrets ?? {})),
      ),
      unlock: os.node.unlock.handler(({ input, errors }) =>
        answer(errors, () => api.unlockNode(input.name, input.secrets)),
      ),
      preflight: os.node.preflight.handler(({ input, errors }) => answer(errors, () => api.preflight(input.name))),
      plan: os.node.plan.handler(({ input, errors }) =>
        answer(errors, () => api.plan(input.name, input.installEngine)),
      ),
      apply: os.node.apply.handler(({ input, errors }) =>
        answer(errors, () => api.apply(input.name, input.hash, input)),
      ),
      remove: os.node.remove.handler(({ input, errors }) => answer(errors, () => api.removeNode(input.name, input))),
    },
    runtime: {
      preview: os.runtime.preview.handler(({ input, errors }) =>
        answer(errors, () => api.previewSwitch(input.runtime, input.route)),
      ),
      switch: os.runtime.switch.handler(({ input, errors }) =>
        answer(errors, () => api.switchRuntime(input.runtime, input.route, input.sudoPassword)),
      ),
    },
    cache: {
      list: os.cache.list.handler(({ input, errors }) => answer(errors, () => api.listCache(input.node))),
      preview: os.cache.preview.handler(({ input, errors }) =>
        answer(errors, () => api.previewPrune(input.node, input.policy, input.graceSeconds)),
      ),
      prune: os.cache.prune.handler(({ input, errors }) =>
        answer(errors, () => api.prune(input.node, input.policy, input.graceSeconds)),
      ),
    },
    task: {
      cancel: os.task.cancel.handler(({ input }) => api.cancelTask(input.id)),
    },
    settings: {
      get: os.settings.get.handler(({ errors }) => answer(errors, () => api.settings())),
      setImage: os.settings.setImage.handler(({ input, errors }) =>
        answer(errors, () => api.setImage(input.image, input.source)),
      ),
      chooseVault: os.settings.chooseVault.handler(({ input, errors }) =>
        answer(errors, () => api.chooseVault(input.vault, input.passphrase)),
      ),
      openVault: os.settings.openVault.handler(({ input, errors }) =>
        answer(errors, () => api.openVault(input.passphrase)),
      ),
    },
  });
}
export type Router = ReturnType<typeof createRouter>;

/** The snapshot, then every change, until the caller leaves. Changes wait in order while the caller is slow. */
async function* watch(
  api: Api,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ kind: 'snapshot'; snapshot: Snapshot } | Change> {
  const queue: Change[] = [];
  let wake = (): void => {};
  const stop = api.subscribe((change) => {
    queue.push(change);
    wake();
  });
  const leave = (): void => wake();
  signal?.addEventListener('abort', leave);
  try {
    yield { kind: 'snapshot', snapshot: api.snapshot() };
    while (signal?.aborted !== true) {
      const next = queue.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', leave);
  }
}
