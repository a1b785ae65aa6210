import type { Page } from 'playwright-core';
import type { NodeView } from '../../preload/contract/status.ts';
import { desktopScenes } from './desktop-scenes.ts';
import { addedNode, degradedNode, downNode, fleet, manyUpstreams, node } from './world/fleet.ts';
import { brokenPodman, containerd, deniedDocker, docker, foreignDocker, podman } from './world/runtimes.ts';
import { donePrune, failedApply, failedSwitch, runningApply, runningSwitch } from './world/tasks.ts';
import { quiet, type World } from './world/world.ts';

/** One picture of one page: where it is (`hash`), what the core says there, and what was done before one looks. */
export interface Scene {
  readonly page: string;
  readonly scene: string;
  readonly hash: string;
  readonly world: (now: number) => World;
  /** Clicks and keys of a person before the picture. Names are English; the language is changed afterwards. */
  readonly act?: (page: Page) => Promise<void>;
}

const long = 'a-node-whose-name-is-very-long';
const engines = (now: number) => [docker(now), containerd(['tokyo']), podman()];
const one = (now: number): World =>
  quiet({ nodes: [node('tokyo', now)], runtimes: engines(now) }, { images: 30, journal: 7 });
const two = (now: number): World =>
  quiet(
    { nodes: [node('tokyo', now), degradedNode('osaka', now)], runtimes: engines(now), tasks: [donePrune(now)] },
    { images: 200, journal: 40 },
  );

const twoNodes = (now: number): World =>
  quiet({ nodes: [node('tokyo', now), node('osaka', now)], runtimes: engines(now) });

/** A new server by the Add node page: asked for, trusted, planned. */
async function connect(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Host' }).fill('vps-2');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Connect and check' }).click();
}
async function trust(page: Page): Promise<void> {
  await connect(page);
  await page.getByRole('button', { name: 'trust it' }).click();
  await page.getByText('Nothing stands in the way').waitFor();
}
async function seePlan(page: Page): Promise<void> {
  await trust(page);
  await page.getByRole('button', { name: 'See the plan' }).click();
  await page.getByRole('button', { name: 'Apply to vps-2' }).waitFor();
}

/** The same node after its next probe. */
function later(view: NodeView, round: number): NodeView {
  return {
    ...view,
    mirrors: view.mirrors.map((mirror, at) => ({
      ...mirror,
      ...(mirror.recentMs === undefined
        ? {}
        : { recentMs: [...mirror.recentMs.slice(1), 60 + ((round * 37 + at * 11) % 60)] }),
      ...(mirror.cached === undefined
        ? {}
        : { cached: { ...mirror.cached, manifestMs: 60 + ((round * 37 + at * 11) % 60) } }),
    })),
  };
}

/** The states that every page has. */
const everywhere = (page: string, hash: string): Scene[] => [
  { page, scene: 'empty', hash, world: () => quiet() },
  { page, scene: 'loading', hash, world: () => quiet({}, { connection: 'connecting', calls: 'hang' }) },
  { page, scene: 'one', hash, world: one },
  { page, scene: 'error', hash, world: (now) => ({ ...one(now), calls: 'fail' }) },
  { page, scene: 'lost', hash, world: (now) => ({ ...one(now), connection: 'lost' }) },
];

/** Every page in every state. A page's helper adds its own lines here. */
/** Chooses the images that were used last and opens what would become of them. */
async function seeWhyTheyStay(page: Page): Promise<void> {
  await page.getByRole('grid', { name: 'Images', exact: true }).focus();
  for (const key of ['Space', 'ArrowDown', 'Space', 'ArrowDown', 'Space', 'ArrowDown', 'Space', 'ArrowDown', 'Space'])
    await page.keyboard.press(key);
  await page.getByRole('button', { name: /^(Prune \d+ images?|See why they stay)…$/ }).click();
  await page
    .getByRole('dialog')
    .getByText(/stays because/)
    .waitFor();
}

export const scenes: readonly Scene[] = [
  ...everywhere('fleet', '#/fleet'),
  { page: 'fleet', scene: 'refused', hash: '#/fleet', world: () => quiet({}, { connection: 'refused' }) },
  {
    page: 'fleet',
    scene: 'running',
    hash: '#/fleet',
    world: (now) =>
      quiet({
        nodes: [node('tokyo', now), addedNode('osaka', now)],
        runtimes: engines(now),
        tasks: [failedApply(now), runningApply(now, 'osaka')],
      }),
  },
  {
    page: 'fleet',
    scene: 'degraded',
    hash: '#/fleet',
    world: (now) => quiet({ nodes: [degradedNode('osaka', now), node('tokyo', now)], runtimes: engines(now) }),
  },
  {
    page: 'fleet',
    scene: 'down',
    hash: '#/fleet',
    world: (now) => quiet({ nodes: [downNode('tokyo', now), addedNode('fra', now)], runtimes: engines(now) }),
  },
  {
    page: 'fleet',
    scene: 'thirty',
    hash: '#/fleet',
    world: (now) => quiet({ nodes: fleet(30, now), runtimes: engines(now) }),
  },
  {
    page: 'fleet',
    scene: 'hundred',
    hash: '#/fleet',
    world: (now) => quiet({ nodes: fleet(100, now, manyUpstreams), runtimes: engines(now) }),
  },
  {
    page: 'fleet',
    scene: 'hundred-live',
    hash: '#/fleet',
    // Every quarter of a second, as often as the core tells, ten of the hundred nodes have news of all their ten mirrors.
    world: (now) => {
      const nodes = fleet(100, now, manyUpstreams);
      return quiet(
        { nodes, runtimes: engines(now) },
        {
          stream: {
            everyMs: 250,
            next: (round) =>
              nodes
                .filter((_, at) => at % 10 === round % 10)
                .map((each) => ({ kind: 'node', node: later(each, round) })),
          },
        },
      );
    },
  },
  {
    page: 'fleet',
    scene: 'long-names',
    hash: '#/fleet',
    world: (now) =>
      quiet({
        nodes: [
          node(
            long,
            now,
            { destination: 'a-user-with-a-long-name@a-very-long-host-name.in.a.very.long.domain.example' },
            ['docker.io', 'registry.a-very-long-host-name.in.a.very.long.domain.example:5000'],
          ),
          downNode(`${long.slice(0, 29)}-2`, now),
        ],
        runtimes: [docker(now, [long])],
        tasks: [runningApply(now, long)],
      }),
  },
  { page: 'node', scene: 'one', hash: '#/fleet/tokyo', world: one },
  { page: 'node', scene: 'loading', hash: '#/fleet/tokyo', world: (now) => ({ ...one(now), calls: 'hang' }) },
  { page: 'node', scene: 'error', hash: '#/fleet/tokyo', world: (now) => ({ ...one(now), calls: 'fail' }) },
  { page: 'node', scene: 'degraded', hash: '#/fleet/osaka', world: two },
  {
    page: 'node',
    scene: 'down',
    hash: '#/fleet/tokyo',
    world: (now) => quiet({ nodes: [downNode('tokyo', now)], runtimes: engines(now) }),
  },
  {
    page: 'node',
    scene: 'added',
    hash: '#/fleet/fra',
    world: (now) => quiet({ nodes: [addedNode('fra', now)], runtimes: engines(now) }),
  },
  { page: 'node', scene: 'unknown', hash: '#/fleet/nowhere', world: one },
  { page: 'node', scene: 'plan', hash: '#/fleet/osaka?show=plan', world: two },
  {
    page: 'node',
    scene: 'diagnosis',
    hash: '#/fleet/tokyo?show=diagnosis',
    world: (now) => ({ ...two(now), preflight: 'failing' }),
  },
  { page: 'node', scene: 'remove', hash: '#/fleet/osaka?show=remove', world: two },
  { page: 'node', scene: 'remove-in-use', hash: '#/fleet/tokyo?show=remove', world: two },
  { page: 'mirror', scene: 'one', hash: '#/fleet/tokyo/docker.io', world: one },
  {
    page: 'mirror',
    scene: 'loading',
    hash: '#/fleet/tokyo/docker.io',
    world: (now) => ({ ...one(now), calls: 'hang' }),
  },
  { page: 'mirror', scene: 'error', hash: '#/fleet/tokyo/docker.io', world: (now) => ({ ...one(now), calls: 'fail' }) },
  {
    page: 'mirror',
    scene: 'young',
    hash: '#/fleet/tokyo/docker.io',
    world: (now) => ({ ...one(now), measuredMs: 6 * 60_000 }),
  },
  { page: 'mirror', scene: 'degraded', hash: '#/fleet/osaka/docker.io', world: two },
  ...everywhere('add', '#/add'),
  { page: 'add', scene: 'host-key', hash: '#/add', world: one, act: connect },
  {
    page: 'add',
    scene: 'password',
    hash: '#/add',
    world: (now) => ({ ...one(now), login: 'password' }),
    act: async (page) => {
      await connect(page);
      await page.getByRole('button', { name: 'trust it' }).click();
      await page.getByLabel('Password', { exact: true }).fill('not it');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('That was not taken').waitFor();
    },
  },
  {
    page: 'add',
    scene: 'sudo',
    hash: '#/add?node=fra',
    world: (now) => quiet({ nodes: [addedNode('fra', now)] }, { login: 'sudo' }),
  },
  { page: 'add', scene: 'checked', hash: '#/add', world: one, act: trust },
  { page: 'add', scene: 'plan', hash: '#/add', world: one, act: seePlan },
  {
    page: 'add',
    scene: 'applying',
    hash: '#/add',
    world: (now) => ({ ...one(now), apply: 'runs' }),
    act: async (page) => {
      await seePlan(page);
      await page.getByRole('button', { name: 'Apply to vps-2' }).click();
      await page.getByText('Take the lock').waitFor();
    },
  },
  {
    page: 'add',
    scene: 'apply-failed',
    hash: '#/add',
    world: (now) => ({ ...one(now), apply: 'fails' }),
    act: async (page) => {
      await seePlan(page);
      await page.getByRole('button', { name: 'Apply to vps-2' }).click();
      await page.getByRole('button', { name: 'go on' }).waitFor();
    },
  },
  {
    page: 'add',
    scene: 'finished',
    hash: '#/add',
    world: one,
    act: async (page) => {
      await seePlan(page);
      await page.getByRole('button', { name: 'Apply to vps-2' }).click();
      await page.getByText('vps-2 serves').waitFor();
    },
  },
  {
    page: 'add',
    scene: 'failing',
    hash: '#/add?node=fra',
    world: (now) => quiet({ nodes: [addedNode('fra', now)] }, { preflight: 'failing' }),
  },
  {
    page: 'add',
    scene: 'unreachable',
    hash: '#/add',
    world: (now) => ({ ...one(now), calls: 'fail' }),
    act: connect,
  },
  ...everywhere('runtimes', '#/runtimes'),
  {
    page: 'runtimes',
    scene: 'foreign',
    hash: '#/runtimes',
    world: (now) => quiet({ nodes: [node('tokyo', now)], runtimes: [foreignDocker(now), containerd(), podman()] }),
  },
  {
    page: 'runtimes',
    scene: 'denied',
    hash: '#/runtimes',
    world: (now) => quiet({ nodes: [node('tokyo', now)], runtimes: [deniedDocker(now), containerd(['tokyo'])] }),
  },
  {
    page: 'runtimes',
    scene: 'before-a-switch',
    hash: '#/runtimes',
    world: twoNodes,
    act: async (page) => {
      await page.getByLabel('Route of containerd').selectOption('@osaka');
      await page.getByRole('button', { name: 'Switch containerd to osaka' }).waitFor();
    },
  },
  { page: 'runtimes', scene: 'before-all', hash: '#/runtimes?route=osaka', world: twoNodes },
  {
    page: 'runtimes',
    scene: 'order',
    hash: '#/runtimes',
    world: twoNodes,
    act: async (page) => {
      await page.getByLabel('Route of Docker').selectOption('several');
      await page.getByRole('checkbox', { name: 'osaka' }).check();
    },
  },
  {
    page: 'runtimes',
    scene: 'password',
    hash: '#/runtimes',
    world: (now) => ({ ...twoNodes(now), sudo: 'asked' }),
    act: async (page) => {
      await page.getByLabel('Route of Docker').selectOption('direct');
      await page.getByRole('button', { name: 'Switch Docker to direct' }).click();
      await page.getByLabel('Password for sudo').fill('not it');
      await page.getByRole('button', { name: 'Switch Docker to direct' }).click();
      await page.getByText('sudo did not take that password').waitFor();
    },
  },
  {
    page: 'runtimes',
    scene: 'states',
    hash: '#/runtimes',
    world: (now) =>
      quiet({
        nodes: [degradedNode('osaka', now), downNode('tokyo', now)],
        runtimes: [docker(now), containerd(['osaka']), brokenPodman()],
        tasks: [runningSwitch(now, 'containerd'), failedSwitch(now, 'docker')],
      }),
    act: async (page) => {
      await page.getByText('What it can mirror').last().click();
    },
  },
  {
    page: 'runtimes',
    scene: 'nothing-found',
    hash: '#/runtimes',
    world: () => quiet({ runtimes: [{ id: 'docker', engine: 'Docker', state: 'absent', mirrors: [] }, podman()] }),
  },
  ...everywhere('cache', '#/cache'),
  { page: 'cache', scene: 'many', hash: '#/cache', world: two },
  {
    page: 'cache',
    scene: 'chosen',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await page.getByRole('grid', { name: 'Images', exact: true }).focus();
      for (const key of ['Space', 'ArrowDown', 'Space', 'ArrowDown', 'Space']) await page.keyboard.press(key);
      await page.getByText(/^frees [\d.]+ /).waitFor();
      await page.getByRole('region', { name: 'Chosen images' }).scrollIntoViewIfNeeded();
    },
  },
  {
    page: 'cache',
    scene: 'by-rule',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await page.getByRole('button', { name: 'Prune by rule…' }).click();
      await page.getByText(/images? goe?s? and frees?/).waitFor();
    },
  },
  {
    page: 'cache',
    scene: 'last-hour-stays',
    hash: '#/cache?node=tokyo',
    world: two,
    act: seeWhyTheyStay,
  },
  {
    page: 'cache',
    scene: 'last-hour-too',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await seeWhyTheyStay(page);
      await page.getByRole('switch', { name: 'Also what was used within the last hour' }).check();
      await page
        .getByRole('dialog')
        .getByText(/images go and free/)
        .waitFor();
    },
  },
  {
    page: 'cache',
    scene: 'by-rule-all',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await page.getByRole('button', { name: 'Prune by rule…' }).click();
      await page.getByRole('radio', { name: /^Everything/ }).check();
      await page.getByText(/stays because/).waitFor();
    },
  },
  {
    page: 'cache',
    scene: 'schedule',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await page.getByRole('button', { name: /^(Change…|Set a schedule…)$/ }).click();
      await page.getByLabel('Time of day (HH:MM)').fill('27:00');
    },
  },
  {
    page: 'cache',
    scene: 'bottom',
    hash: '#/cache?node=tokyo',
    world: two,
    act: async (page) => {
      await page.getByRole('heading', { name: 'This computer’s own images' }).scrollIntoViewIfNeeded();
    },
  },
  {
    page: 'cache',
    scene: 'list',
    hash: '#/cache',
    world: two,
    act: async (page) => {
      await page.getByText('List', { exact: true }).click();
    },
  },
  {
    page: 'cache',
    scene: 'long-names',
    hash: '#/cache',
    world: (now) =>
      quiet(
        { nodes: [node(long, now), downNode(`${long.slice(0, 29)}-2`, now)], runtimes: [docker(now, [long])] },
        { images: 30 },
      ),
  },
  { page: 'cache', scene: 'ten-thousand', hash: '#/cache', world: (now) => ({ ...one(now), images: 10_000 }) },
  ...everywhere('activity', '#/activity'),
  { page: 'activity', scene: 'many', hash: '#/activity', world: two },
  {
    page: 'activity',
    scene: 'old-entry',
    hash: '#/activity?entry=old-140',
    world: (now) => ({ ...two(now), journal: 150 }),
  },
  { page: 'activity', scene: 'opened', hash: '#/activity?entry=switch-1', world: two },
  {
    page: 'activity',
    scene: 'undo',
    hash: '#/activity',
    world: two,
    act: async (page) => {
      await page.getByRole('button', { name: 'Undo: Switch docker to tokyo' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { page: 'activity', scene: 'none', hash: '#/activity?subject=gone', world: two },
  ...everywhere('settings', '#/settings'),
  { page: 'settings', scene: 'undecided', hash: '#/settings', world: (now) => ({ ...one(now), vault: 'undecided' }) },
  {
    page: 'settings',
    scene: 'locked',
    hash: '#/settings?search=vault',
    world: (now) => ({ ...one(now), vault: 'passphrase', passphrase: 'open sesame' }),
    act: async (page) => {
      await page.getByLabel('Passphrase', { exact: true }).fill('open barley');
      await page.getByRole('button', { name: 'Unlock the vault', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    page: 'settings',
    scene: 'invalid',
    hash: '#/settings',
    world: one,
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Look at the mirrors every' }).fill('2');
      await page.getByRole('group', { name: 'Envoy' }).getByRole('textbox', { name: 'Image' }).fill('https://no image');
    },
  },
  { page: 'settings', scene: 'none', hash: '#/settings?search=zeppelin', world: one },
  {
    page: 'settings',
    scene: 'passphrase',
    hash: '#/settings?search=vault',
    world: one,
    act: async (page) => {
      await page.getByRole('radio', { name: 'A passphrase' }).click();
      await page.getByLabel('New passphrase').fill('open sesame');
      await page.getByLabel('The same again').fill('open');
    },
  },
  ...desktopScenes,
];
