import type { RuntimeId } from '../../../preload/contract/runtime.ts';
import { runtimeName } from '../../../preload/contract/runtime-name.ts';
import { useWords } from '../../words/words.ts';
import styles from './runtimes.module.css';

/** Where each engine is looked for. Paths and names as they are, in every language. */
const places: Readonly<Record<RuntimeId, readonly string[]>> = {
  docker: ['DOCKER_HOST', 'docker context', '/var/run/docker.sock', '/usr/bin/dockerd'],
  containerd: ['/run/containerd/containerd.sock', '/usr/bin/containerd'],
  podman: ['/usr/bin/podman', '~/.config/containers', '/etc/containers'],
};

/** The engines that were not found, each with where it was looked for. */
export function AbsentEngines({ engines }: { readonly engines: readonly RuntimeId[] }) {
  const t = useWords('runtimes');
  return (
    <ul className={styles.facts}>
      {engines.map((id) => (
        <li key={id}>
          {runtimeName(id)} <span className={styles.dim}>{t('looked-for', { places: places[id].join(', ') })}</span>
        </li>
      ))}
    </ul>
  );
}
