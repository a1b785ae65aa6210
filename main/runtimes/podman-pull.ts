import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { askPodman } from './podman-command.ts';
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
  if (answer.code !== 0)
    fail({
      code: 'podman-images-unknown',
      message: `podman does not list its images: ${lastLine(answer.stderr)}`,
      hint: 'Try "podman images".',
      retryable: true,
    });
  return readPodmanImages(answer.stdout);
}

/** Pulls by digest, so that no tag of the user moves. Afterwards the images are as before: a new one goes, a new name of an old one too. */
export async function pullWithPodman(image: ProofImage, signal: AbortSignal): Promise<ProofPull> {
  const pulled = `${image.upstream}/${image.repository}@${image.digest}`;
  const before = await podmanImages();
  let answer;
  try {
    answer = await askPodman(['pull', '--quiet', pulled], signal);
  } finally {
    await leaveAsBefore(before);
  }
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

async function leaveAsBefore(before: PodmanImages): Promise<void> {
  for (const [id, { names }] of await podmanImages()) {
    const earlier = before.get(id);
    if (earlier === undefined) await askPodman(['rmi', id]);
    else for (const name of names) if (!earlier.names.includes(name)) await askPodman(['untag', id, name]);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
