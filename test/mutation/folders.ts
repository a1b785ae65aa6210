/** A folder of pure code, what of it is mutated, and the unit tests that meet it without starting programs or changing this computer. */
export interface MutatedFolder {
  readonly name: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

const filesIn = (folder: string, names: readonly string[]): readonly string[] =>
  names.map((name) => `${folder}/${name}.ts`);

/** The pure folders, the most valuable first: the first edits files that belong to root and to the user. */
export const folders: readonly MutatedFolder[] = [
  {
    name: 'runtimes/formats',
    files: ['main/runtimes/formats/*.ts'],
    tests: filesIn('test/unit/runtimes', [
      'refused-files.test',
      'daemon-json-layout.test',
      'containerd-config.test',
      'daemon-json.test',
      'podman-plan.test',
      'containerd-plan.test',
      'odd-files.test',
    ]),
  },
  {
    name: 'runtimes/plans',
    files: filesIn('main/runtimes', ['docker-plan', 'containerd-plan', 'podman-plan', 'mirrored-names', 'followed']),
    tests: filesIn('test/unit/runtimes', [
      'docker-plan.test',
      'containerd-plan.test',
      'podman-plan.test',
      'followed.test',
    ]),
  },
  {
    name: 'cache',
    files: filesIn('main/cache', [
      'prune-plan',
      'prune-order',
      'inventory-parser',
      'pin-file',
      'pin-names',
      'pins-text',
      'schedule-decision',
      'schedule-rules',
      'manifest',
      'cache-bytes',
      'image-name',
      'stored-names',
      'prunable',
      'prunable-times',
      'leftovers',
    ]),
    tests: filesIn('test/unit/cache', [
      'prune-plan.test',
      'inventory-parser.test',
      'pins.test',
      'schedule-decision.test',
      'names-and-orders.test',
      'prunable.test',
      'caches.test',
      'schedule.test',
    ]),
  },
  {
    name: 'provision/render',
    files: ['main/provision/render/*.ts'],
    tests: ['test/unit/provision-render/*.test.ts'],
  },
  {
    name: 'provision/plan',
    files: filesIn('main/provision', [
      'plan-node',
      'plan-files',
      'plan-services',
      'plan-changes',
      'parse-observation',
      'judge-preflight',
      'preflight-facts',
      'edge-stats',
      'image-identity',
      'undo-apply',
      'node-state',
      'shell-of',
      'tar-archive',
    ]),
    tests: filesIn('test/unit/provision', [
      'preflight-limits.test',
      'plan-node.test',
      'plan-details.test',
      'parsers.test',
      'preflight.test',
      'undo-apply.test',
    ]),
  },
  {
    name: 'fleet',
    files: ['main/fleet/*.ts'],
    tests: ['test/unit/fleet/*.test.ts'],
  },
  {
    name: 'monitor',
    files: filesIn('main/monitor', [
      'metrics',
      'prometheus',
      'failures',
      'schedule',
      'budget',
      'rate-headers',
      'mirror-record',
      'machine-facts',
      'revalidation',
      'edge-requests',
    ]),
    tests: filesIn('test/unit/monitor', [
      'prometheus.test',
      'metrics.test',
      'schedule.test',
      'answers.test',
      'inspection.test',
      'monitor.test',
      'waking.test',
      'cache-sizes.test',
      'hostile-servers.test',
    ]),
  },
  {
    name: 'activity',
    files: filesIn('main/activity', [
      'verdict',
      'opposite',
      'journal-entry',
      'take-back',
      'value-change',
      'settings-changes',
      'pin-changes',
    ]),
    tests: ['test/unit/activity/*.test.ts'],
  },
  {
    name: 'contract',
    files: filesIn('preload/contract', [
      'figures',
      'ranking',
      'stale',
      'standing',
      'apply-change',
      'same-route',
      'never-switched',
      'problem-words',
      'times-direct',
      'node-latency',
    ]),
    tests: ['test/unit/contract/*.test.ts', 'test/unit/renderer/*.test.ts', 'test/unit/terminal/*.test.ts'],
  },
  {
    name: 'shell',
    files: filesIn('main/shell', [
      'tray-menu',
      'tray-view',
      'tray-words',
      'route-lines',
      'route-rows',
      'notices',
      'notice-words',
      'deep-link',
      'window-place',
    ]),
    tests: filesIn('test/unit/shell', [
      'tray-menu.test',
      'tray-view.test',
      'notices.test',
      'deep-link.test',
      'window-place.test',
      'shell-words.test',
    ]),
  },
];
