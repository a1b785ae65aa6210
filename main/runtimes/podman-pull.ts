import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { askPodman, lastLine } from './podman-command.ts';
import type { ProofImage, ProofPull } from './runtime.ts';

const imagesSchema = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Size: z.number().default(0),
    Containers: z.number().default(0),
  }),
);
/** The user's images. One with several names comes once for each in some versions: by id they are one. */
export type PodmanImages = ReadonlyMap<string, { names: readonly string[]; bytes: number; used: boolean }>;

/** Reads `podman images --all --format json`. Pure. */
export function readPodmanImages(json: string): PodmanImages {
  const images = new Map<string, { names: string[]; bytes: number; used: boolean }>();
  for (const { Id, Names, Size, Containers } of imagesSchema.parse(JSON.parse(json === '' ? '[]' : json))) {
    const known = images.get(Id);
    const names = [...new Set([...(known?.names ?? []), ...(Names ?? [])])];
    images.set(Id, { names, bytes: Size, used: Containers > 0 });
  }
  return images;
}

export async function podmanImages(): Promise<PodmanImages> {
  const answer = await askPodman(['images', '--all', '--no-trunc', '--format', 'json']);
  if (answer.code !== 0) return unknownImages(lastLine(answer.stderr));
  try {
    return readPodmanImages(answer.stdout);
  } catch (cause) {
    return unknownImages('what it says is in a form not known here', cause);
  }
}

function unknownImages(reason: string, cause?: unknown): never {
  return fail(
    {
      code: 'podman-images-unknown',
      message: `podman does not list its images: ${reason}`,
      hint: 'Try "podman images".',
      retryable: true,
    },
    { cause },
  );
}

/** Pulls by digest, so that no tag of the user moves. Afterwards the images are as before, but for what the user pulled or built meanwhile. */
export async function pullWithPodman(image: ProofImage, signal: AbortSignal): Promise<ProofPull> {
  const pulled = `${image.upstream}/${image.repository}@${image.digest}`;
  const before = await podmanImages();
  const answer = await askPodman(['pull', '--quiet', pulled], signal);
  const id = lastLine(answer.stdout);
  for (const argv of undoingPull(before, await podmanImages(), { id, digest: image.digest })) await askPodman(argv);
  signal.throwIfAborted();
  if (answer.code !== 0)
    fail({
      code: 'proof-pull-failed',
      message: `Podman could not pull ${pulled}: ${lastLine(answer.stderr)}`,
      hint: 'Look at the node with "mirrorfleet status".',
      retryable: true,
      detail: { podman: answer.stderr.slice(-2000) },
    });
  return { pulled, fresh: true };
}

/**
 * The commands that take away what our pull brought: the image, or, where the user has it too, its name by this digest. What else is new is
 * the user's. `id` is what the pull printed; one that was stopped printed nothing. Pure.
 */
export function undoingPull(
  before: PodmanImages,
  after: PodmanImages,
  { id, digest }: { readonly id: string; readonly digest: string },
): string[][] {
  return [...after].flatMap(([each, { names }]) => {
    const earlier = before.get(each);
    const ours = names.filter((name) => name.endsWith(`@${digest}`) && !(earlier?.names ?? []).includes(name));
    const brought = earlier === undefined && (each === id || ours.length > 0) && ours.length === names.length;
    return brought ? [['rmi', each]] : ours.map((name) => ['untag', each, name]);
  });
}
