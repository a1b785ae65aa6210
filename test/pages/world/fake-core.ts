import { createRouterClient, implement } from '@orpc/server';
import { contract } from '../../../preload/contract/contract.ts';
import type { Change } from '../../../preload/contract/live.ts';
import { fail, ProblemError } from '../../../preload/contract/problem.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Task, TaskKind } from '../../../preload/contract/task.ts';
import type { Connection } from '../../../renderer/core/client.ts';
import { sessionEnded } from '../../../renderer/core/problems.ts';
import { detail, knownHosts, plan, preflight } from './adding.ts';
import { cacheList, growth, localStorage, prunePreview, scheduleView } from './cache.ts';
import { history, measuredSince, pulls } from './history.ts';
import { switchPreview } from './runtimes.ts';
import { addedNode, unreached } from './fleet.ts';
import { activityPage, failedApply, journal, refusedUpstream, runningApply } from './tasks.ts';
import type { World } from './world.ts';

const forever = new Promise<never>(() => {});

/** As the core says it of a server that is silent. */
const broken = unreached('tokyo', 'ETIMEDOUT');

/**
 * A core for the stage: the contract's own implementer, so that every fixture is validated as the real core's answers are, over the world
 * of one scene. Work it is asked for is done at once, as far as the pages can see.
 */
export function fakeCore(world: World, now: () => number): Connection {
  const os = implement(contract);
  const listeners = new Set<(change: Change) => void>();
  const emit = (change: Change): void => {
    for (const listener of listeners) listener(change);
  };
  const entries = journal(world.journal, now());
  let pins = ['docker.io/library/postgres'];
  let { passphrase } = world;
  let settings: Settings = {
    images: {
      registry: { reference: 'docker.io/library/registry:3.1.1' },
      envoy: { reference: 'docker.io/envoyproxy/envoy:distroless-v1.40.0' },
    },
    vault: world.vault,
    watch: { everySeconds: 30, upstreamEverySeconds: 300 },
    keep: { historyDays: 90, activityDays: 365 },
  };
  type Errors = { PROBLEM: (options: { message: string; data: ProblemError['problem'] }) => Error };
  const answer = async <T>(errors: Errors, body: () => T | Promise<T>): Promise<T> => {
    if (world.calls === 'hang') return forever;
    try {
      if (world.calls === 'fail') fail(broken);
      return await body();
    } catch (error) {
      if (error instanceof ProblemError) throw errors.PROBLEM({ message: error.problem.message, data: error.problem });
      throw error;
    }
  };
  /** What was given as sudo's password on a server. */
  let sudo: string | undefined;
  const preflightNow = (name: string) =>
    preflight(
      name,
      world.preflight === 'failing',
      world.login === 'sudo' && sudo !== 'right' ? (sudo === undefined ? 'needed' : 'wrong') : undefined,
    );
  let tasks = 0;
  const done = (
    kind: TaskKind,
    subject: string,
    title: string,
    ended: Pick<Task, 'outcome' | 'warnings'> = {},
  ): Task => {
    const task: Task = {
      id: `stage-${(tasks += 1)}`,
      kind,
      subject,
      title,
      state: 'done',
      startedAt: now() - 900,
      endedAt: now(),
      steps: [{ id: 'all', label: title, state: 'done' }],
      who: 'dev@laptop',
      ...ended,
    };
    emit({ kind: 'task', task });
    return task;
  };
  const askForRoot = (password: string | undefined): void => {
    if (world.sudo === undefined) return;
    fail({
      code: password === undefined ? 'sudo-password-needed' : 'sudo-password-wrong',
      message: 'sudo of this user on this computer asks for a password. Nothing was changed.',
      hint: 'Give the sudo password.',
    });
  };
  /** What a call that needs secrets meets first. */
  const openVault = (): void => {
    if (passphrase !== undefined)
      fail({
        code: 'vault-locked',
        message: 'The vault waits for its passphrase; no secret was read.',
        hint: 'Type it once for the running core: mirrorfleet settings unlock',
      });
    if (settings.vault === 'undecided' && world.keychain === 'absent')
      fail({
        code: 'vault-undecided',
        message: 'Secrets need a place for their key, and no keychain of this system answered; nothing was kept.',
        hint: 'Choose one: mirrorfleet settings vault passphrase (asked at each start), or mirrorfleet settings vault key-file (a file only you can read).',
      });
  };
  const routeTo = (id: 'docker' | 'containerd' | 'podman', route: string[]): Task => {
    const runtime = world.snapshot.runtimes.find((each) => each.id === id);
    if (runtime) emit({ kind: 'runtime', runtime: { ...runtime, route } });
    return done('switch', id, `Switch ${id} to ${route[0] ?? 'direct'}`);
  };
  const router = os.router({
    live: {
      snapshot: os.live.snapshot.handler(() => world.snapshot),
      refresh: os.live.refresh.handler(({ errors }) => answer(errors, () => world.snapshot)),
      watch: os.live.watch.handler(async function* () {
        yield { kind: 'snapshot' as const, snapshot: world.snapshot };
        if (world.connection === 'lost') return;
        yield* changesOf(listeners);
      }),
    },
    node: {
      hosts: os.node.hosts.handler(({ errors }) => answer(errors, () => knownHosts)),
      show: os.node.show.handler(({ input, errors }) =>
        answer(errors, () =>
          detail(input.name, now(), world.snapshot.nodes.find(({ name }) => name === input.name)?.applied ?? true),
        ),
      ),
      history: os.node.history.handler(({ input, errors }) =>
        answer(errors, () => measuredSince(history(input), now() - (world.measuredMs ?? Number.POSITIVE_INFINITY))),
      ),
      pulls: os.node.pulls.handler(({ input, errors }) =>
        answer(errors, () => pulls(input.limit, now(), input.upstream)),
      ),
      add: os.node.add.handler(({ input, errors }) =>
        answer(errors, () => {
          openVault();
          const { destination } = input.spec.target;
          if (input.acceptHostKey !== undefined) {
            if (world.login === 'password' && input.secrets?.password !== 'right')
              fail({
                code: input.secrets?.password === undefined ? 'ssh-password-needed' : 'ssh-password-wrong',
                message: `${destination} accepts none of your keys and asks for a password.`,
                hint: 'Give the password, or put your public key on the server (ssh-copy-id).',
              });
            const { name } = input.spec;
            if (!world.snapshot.nodes.some((each) => each.name === name))
              emit({ kind: 'node', node: { ...addedNode(name, now()), destination } });
            return preflightNow(name);
          }
          return fail({
            code: 'host-key-unknown',
            message: `${input.spec.target.destination} was never seen before. Its ssh-ed25519 key is SHA256:UvN8UeaC8ii/in9WTGxsYDN2x0Tv8lHIeo7/Ty5Hgvk. Nothing was sent to it.`,
            hint: 'Compare the fingerprint with the one your provider or the server shows, and accept it.',
            detail: {
              host: input.spec.target.destination,
              type: 'ssh-ed25519',
              fingerprint: 'SHA256:UvN8UeaC8ii/in9WTGxsYDN2x0Tv8lHIeo7/Ty5Hgvk',
            },
          });
        }),
      ),
      unlock: os.node.unlock.handler(({ input, errors }) =>
        answer(errors, () => {
          sudo = input.secrets.sudoPassword;
        }),
      ),
      preflight: os.node.preflight.handler(({ input, errors }) => answer(errors, () => preflightNow(input.name))),
      plan: os.node.plan.handler(({ input, errors }) => answer(errors, () => plan(input.name))),
      apply: os.node.apply.handler(({ input, errors }) =>
        answer(errors, async () => {
          if (world.apply === undefined)
            return done('node-apply', input.name, `Apply ${input.name}`, { warnings: [refusedUpstream] });
          const at = { startedAt: now(), endedAt: undefined };
          const task =
            world.apply === 'runs'
              ? { ...runningApply(now(), input.name), ...at }
              : { ...failedApply(now(), input.name), ...at, endedAt: now() };
          emit({ kind: 'task', task });
          return world.apply === 'runs' ? forever : task;
        }),
      ),
      remove: os.node.remove.handler(({ input, errors }) =>
        answer(errors, () => {
          emit({ kind: 'node-removed', name: input.name });
          return done('node-remove', input.name, `Remove ${input.name}`);
        }),
      ),
    },
    runtime: {
      preview: os.runtime.preview.handler(({ input, errors }) =>
        answer(errors, () => switchPreview(input.runtime, input.route)),
      ),
      switch: os.runtime.switch.handler(({ input, errors }) =>
        answer(errors, () => {
          askForRoot(input.sudoPassword);
          return routeTo(input.runtime, input.route);
        }),
      ),
      switchAll: os.runtime.switchAll.handler(({ input, errors }) =>
        answer(errors, () => {
          askForRoot(input.sudoPassword);
          return world.snapshot.runtimes
            .filter(({ state }) => state === 'found')
            .map(({ id }) => routeTo(id, input.route));
        }),
      ),
      prove: os.runtime.prove.handler(({ input, errors }) =>
        answer(errors, () => done('prove', input.runtime, `Prove ${input.runtime}`)),
      ),
      storage: os.runtime.storage.handler(({ errors }) => answer(errors, () => localStorage())),
    },
    cache: {
      list: os.cache.list.handler(({ input, errors }) =>
        answer(errors, () => cacheList(input.node, world.images, now())),
      ),
      preview: os.cache.preview.handler(({ input, errors }) =>
        answer(errors, () => prunePreview(cacheList(input.node, world.images, now()), input, now())),
      ),
      prune: os.cache.prune.handler(({ input, errors }) =>
        answer(errors, () => {
          const { freedBytes, victims } = prunePreview(cacheList(input.node, world.images, now()), input, now());
          return done('prune', input.node, `Prune ${input.node}`, { outcome: { freedBytes, images: victims.length } });
        }),
      ),
      pin: os.cache.pin.handler(({ input, errors }) =>
        answer(errors, () => (pins = [...new Set([...pins, ...input.pins])])),
      ),
      unpin: os.cache.unpin.handler(({ input, errors }) =>
        answer(errors, () => (pins = pins.filter((pin) => !input.pins.includes(pin)))),
      ),
      pins: os.cache.pins.handler(({ errors }) => answer(errors, () => pins)),
      schedule: os.cache.schedule.handler(({ input, errors }) => answer(errors, () => scheduleView(input.node, now()))),
      setSchedule: os.cache.setSchedule.handler(({ input, errors }) =>
        answer(errors, () => done('cache-schedule', input.node, `Schedule of ${input.node}`)),
      ),
      scrub: os.cache.scrub.handler(({ input, errors }) =>
        answer(errors, () =>
          done('scrub', input.node, `Scrub ${input.node}`, { outcome: { damaged: 0, checked: 412 } }),
        ),
      ),
      growth: os.cache.growth.handler(({ input, errors }) =>
        answer(errors, () => growth(input.node, input.from, input.to)),
      ),
    },
    task: { cancel: os.task.cancel.handler(() => {}) },
    activity: {
      list: os.activity.list.handler(({ input, errors }) =>
        answer(errors, () =>
          activityPage(
            entries.filter(
              ({ subject, kind }) =>
                (input.subject === undefined || subject === input.subject) &&
                (input.kinds === undefined || input.kinds.includes(kind)),
            ),
            input.before,
            input.limit,
          ),
        ),
      ),
      show: os.activity.show.handler(({ input, errors }) =>
        answer(
          errors,
          () =>
            entries.find(({ id }) => id.startsWith(input.id)) ??
            fail({
              code: 'activity-unknown',
              message: `No entry of the journal begins with "${input.id}".`,
              hint: 'See the entries: mirrorfleet activity',
              detail: { id: input.id },
            }),
        ),
      ),
      undo: os.activity.undo.handler(({ input, errors }) =>
        answer(errors, () => done('undo', 'docker', `Undo ${input.id}`)),
      ),
      resume: os.activity.resume.handler(({ errors }) =>
        answer(errors, () => done('node-apply', 'osaka', 'Apply osaka')),
      ),
    },
    settings: {
      get: os.settings.get.handler(({ errors }) => answer(errors, () => settings)),
      setImage: os.settings.setImage.handler(({ input, errors }) =>
        answer(errors, () => (settings = { ...settings, images: { ...settings.images, [input.image]: input.source } })),
      ),
      setWatch: os.settings.setWatch.handler(({ input, errors }) =>
        answer(errors, () => (settings = { ...settings, watch: input })),
      ),
      setKeep: os.settings.setKeep.handler(({ input, errors }) =>
        answer(errors, () => (settings = { ...settings, keep: input })),
      ),
      chooseVault: os.settings.chooseVault.handler(({ input, errors }) =>
        answer(errors, () => {
          if (input.vault === 'keychain' && world.keychain === 'absent')
            fail({
              code: 'keychain-unavailable',
              message: 'No keychain of this system answered; nothing was sealed.',
              hint: 'Unlock the keychain, or choose another place for the key: mirrorfleet settings vault passphrase|key-file',
            });
          return (settings = { ...settings, vault: input.vault });
        }),
      ),
      vault: os.settings.vault.handler(({ errors }) =>
        answer(errors, () => ({ vault: settings.vault, locked: passphrase !== undefined })),
      ),
      openVault: os.settings.openVault.handler(({ input, errors }) =>
        answer(errors, () => {
          if (input.passphrase !== passphrase)
            fail({
              code: 'vault-key-wrong',
              message: 'The vault does not open with this key; it was left as it is.',
              hint: 'Type the passphrase that was chosen when the vault was made.',
            });
          passphrase = undefined;
        }),
      ),
    },
  });
  let openings = 0;
  let round = 0;
  const { stream } = world;
  const timer =
    stream === undefined
      ? undefined
      : setInterval(() => {
          for (const change of stream.next((round += 1))) emit(change);
        }, stream.everyMs);
  return {
    client: createRouterClient(router),
    async opened() {
      openings += 1;
      if (world.connection === 'refused') throw new ProblemError(sessionEnded);
      if (world.connection === 'connecting' || openings > 1) await forever;
    },
    close: () => clearInterval(timer),
  };
}

/** Every change that is emitted, in order, until the reader leaves. */
async function* changesOf(listeners: Set<(change: Change) => void>): AsyncGenerator<Change> {
  const queue: Change[] = [];
  let wake = (): void => {};
  const listener = (change: Change): void => {
    queue.push(change);
    wake();
  };
  listeners.add(listener);
  try {
    for (;;) {
      const next = queue.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
  }
}
