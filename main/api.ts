import type { CacheList, PrunePolicy, PrunePreview } from '../preload/contract/cache.ts';
import type { NodeSecrets, Settings } from '../preload/contract/contract.ts';
import type { Change, Snapshot } from '../preload/contract/live.ts';
import type { HostKey, ImageSource, NodeRequest, Plan, Preflight, SshTarget } from '../preload/contract/node.ts';
import type { Route, RuntimeId, SwitchPreview } from '../preload/contract/runtime.ts';
import type { Task } from '../preload/contract/task.ts';

/** The contract as the core implements it. Every method throws a ProblemError for what can be expected. */
export interface Api {
  snapshot(): Snapshot;
  subscribe(listener: (change: Change) => void): () => void;
  refresh(): Promise<Snapshot>;
  hostKey(target: SshTarget): Promise<HostKey & { known: boolean }>;
  addNode(spec: NodeRequest, acceptHostKey: string | undefined, secrets: NodeSecrets): Promise<Preflight>;
  unlockNode(name: string, secrets: NodeSecrets): Promise<void>;
  preflight(name: string): Promise<Preflight>;
  plan(name: string, installEngine: boolean): Promise<Plan>;
  apply(name: string, hash: string, installEngine: boolean): Promise<Task>;
  removeNode(name: string, options: { keepCache: boolean; forget: boolean }): Promise<Task>;
  previewSwitch(runtime: RuntimeId, route: Route): Promise<SwitchPreview>;
  switchRuntime(runtime: RuntimeId, route: Route, sudoPassword: string | undefined): Promise<Task>;
  listCache(node: string): Promise<CacheList>;
  previewPrune(node: string, policy: PrunePolicy): Promise<PrunePreview>;
  prune(node: string, policy: PrunePolicy): Promise<Task>;
  cancelTask(id: string): void;
  settings(): Settings;
  setImage(image: 'registry' | 'envoy', source: ImageSource): Settings;
  chooseVault(vault: Exclude<Settings['vault'], 'undecided'>, passphrase: string | undefined): Settings;
  openVault(passphrase: string): void;
}
