import { implement } from '@orpc/server';
import { contract } from '../../preload/contract/contract.ts';
import { ProblemError } from '../../preload/contract/problem.ts';
import type { Api } from '../api.ts';
import type { Log } from '../log/log.ts';
import { watch } from './watch.ts';

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
      hosts: os.node.hosts.handler(({ errors }) => answer(errors, () => api.knownHosts())),
      show: os.node.show.handler(({ input, errors }) => answer(errors, () => api.showNode(input.name))),
      history: os.node.history.handler(({ input, errors }) => answer(errors, () => api.history(input))),
      pulls: os.node.pulls.handler(({ input, errors }) => answer(errors, () => api.pulls(input.name, input))),
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
      switchAll: os.runtime.switchAll.handler(({ input, errors }) =>
        answer(errors, () => api.switchAll(input.route, input.sudoPassword)),
      ),
      prove: os.runtime.prove.handler(({ input, errors }) =>
        answer(errors, () => api.proveRuntime(input.runtime, input.sudoPassword)),
      ),
      storage: os.runtime.storage.handler(({ input, errors }) => answer(errors, () => api.localStorage(input.runtime))),
      preview: os.runtime.preview.handler(({ input, errors }) =>
        answer(errors, () => api.previewSwitch(input.runtime, input.route)),
      ),
      switch: os.runtime.switch.handler(({ input, errors }) =>
        answer(errors, () => api.switchRuntime(input.runtime, input.route, input.sudoPassword)),
      ),
    },
    cache: {
      pin: os.cache.pin.handler(({ input, errors }) => answer(errors, () => api.pin(input.node, input.pins))),
      unpin: os.cache.unpin.handler(({ input, errors }) => answer(errors, () => api.unpin(input.node, input.pins))),
      pins: os.cache.pins.handler(({ input, errors }) => answer(errors, () => api.pins(input.node))),
      schedule: os.cache.schedule.handler(({ input, errors }) => answer(errors, () => api.schedule(input.node))),
      setSchedule: os.cache.setSchedule.handler(({ input, errors }) =>
        answer(errors, () => api.setSchedule(input.node, input.schedule)),
      ),
      scrub: os.cache.scrub.handler(({ input, errors }) => answer(errors, () => api.scrub(input.node, input.repair))),
      growth: os.cache.growth.handler(({ input, errors }) =>
        answer(errors, () => api.growth(input.node, input.from, input.to)),
      ),
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
    activity: {
      list: os.activity.list.handler(({ input, errors }) => answer(errors, () => api.activity(input))),
      show: os.activity.show.handler(({ input, errors }) => answer(errors, () => api.activityEntry(input.id))),
      undo: os.activity.undo.handler(({ input, errors }) =>
        answer(errors, () => api.undo(input.id, input.sudoPassword)),
      ),
      resume: os.activity.resume.handler(({ input, errors }) =>
        answer(errors, () => api.resume(input.id, input.sudoPassword)),
      ),
    },
    settings: {
      setWatch: os.settings.setWatch.handler(({ input, errors }) => answer(errors, () => api.setWatch(input))),
      setKeep: os.settings.setKeep.handler(({ input, errors }) => answer(errors, () => api.setKeep(input))),
      get: os.settings.get.handler(({ errors }) => answer(errors, () => api.settings())),
      setImage: os.settings.setImage.handler(({ input, errors }) =>
        answer(errors, () => api.setImage(input.image, input.source)),
      ),
      chooseVault: os.settings.chooseVault.handler(({ input, errors }) =>
        answer(errors, () => api.chooseVault(input.vault, input.passphrase)),
      ),
      vault: os.settings.vault.handler(({ errors }) => answer(errors, () => api.vaultView())),
      openVault: os.settings.openVault.handler(({ input, errors }) =>
        answer(errors, () => api.openVault(input.passphrase)),
      ),
    },
  });
}

export type Router = ReturnType<typeof createRouter>;
