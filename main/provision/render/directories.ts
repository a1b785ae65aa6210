import { storageName, twinService } from '../../fleet/node-layout.ts';
import type { Upstream } from '../../fleet/upstreams.ts';
import { envoyUser, registryUser, root } from './container-paths.ts';
import type { NodeDirectory, Owner } from './node-files.ts';

const registryRoot = ['docker', 'docker/registry', 'docker/registry/v2'];

/**
 * The folders and links of a node. Each mirror has its own `repositories`, so that one upstream's content is never found under
 * another's name; all share one `blobs`, so that a layer is stored once; the twin's `repositories/<upstream>` lead to the mirrors'.
 * Links are relative: they hold on the node and inside the containers.
 */
export function directories(upstreams: readonly Upstream[]): readonly NodeDirectory[] {
  const folder = (path: string, owner: Owner, mode = 0o755): NodeDirectory => ({ path, mode, owner });
  const link = (path: string, target: string): NodeDirectory => ({ path, mode: 0o777, owner: registryUser, target });
  const storage = (name: string): NodeDirectory[] => [
    folder(`data/${name}`, registryUser),
    ...registryRoot.map((part) => folder(`data/${name}/${part}`, registryUser)),
    folder(`data/${name}/docker/registry/v2/repositories`, registryUser),
    link(`data/${name}/docker/registry/v2/blobs`, '../../../../blobs'),
  ];
  const names = upstreams.map(({ id }) => storageName(id));
  return [
    folder('registry', root),
    folder('envoy', root),
    folder('envoy/xds', root),
    folder('envoy/sds', { uid: root.uid, gid: envoyUser.gid }, 0o750),
    folder('data', registryUser),
    folder('data/blobs', registryUser),
    ...names.flatMap(storage),
    ...storage(twinService),
    ...names.map((name) =>
      link(
        `data/${twinService}/docker/registry/v2/repositories/${name}`,
        `../../../../../${name}/docker/registry/v2/repositories`,
      ),
    ),
  ];
}
