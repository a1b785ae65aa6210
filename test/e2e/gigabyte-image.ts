import { type ContainerImage, containerImage, platformImage } from '../lab/images/container-image.ts';
import { incompressibleBytes } from '../lab/images/incompressible-bytes.ts';
import { type Layer, makeLayer } from '../lab/images/layer.ts';

/** Bytes: ten of them are a little over a gigabyte as people count it. */
const layerSize = 102_000_000;

/**
 * An image of a gigabyte in ten layers that nothing else shares. Made where it is needed, in seconds: among the images that every lab starts
 * with it would weigh more than all others together.
 */
export function gigabyteImage(): ContainerImage {
  const layers = Array.from({ length: 10 }, (_, index) => ballast(`giga-${index}`));
  return containerImage('oci', [platformImage('oci', 'amd64', layers, { Cmd: ['true'] })]);
}

/** Without the tar, which only an engine's own archive needs: the blobs alone fill a gigabyte of memory. */
function ballast(name: string): Layer {
  const file = { type: 'file', path: `${name}.bin`, content: incompressibleBytes(name, layerSize) } as const;
  return { ...makeLayer([file], 0), tar: Buffer.alloc(0) };
}
