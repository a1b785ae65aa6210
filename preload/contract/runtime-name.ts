import type { RuntimeId } from './runtime.ts';

/** Engines by the names their makers write; the same in every language. */
const names: Readonly<Record<RuntimeId, string>> = { docker: 'Docker', containerd: 'containerd', podman: 'Podman' };

export function runtimeName(id: RuntimeId): string {
  return names[id];
}
