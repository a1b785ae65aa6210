import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { askDocker, type DockerAnswer, saidBy } from './docker-socket.ts';
import type { ProofPull } from './runtime.ts';

const imagesSchema = z.array(
  z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish(), RepoDigests: z.array(z.string()).nullish() }),
);
const progressSchema = z.object({ error: z.string().optional() });

/**
 * Pulls `repository@digest`: by digest, so that no tag of the user moves. Afterwards the engine's images are as before: an image that came
 * with this pull goes, one that was there stays, without the name this pull gave it.
 */
export async function pullByDigest(
  socket: string,
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<ProofPull> {
  const name = repository.replace(/^library\//, '');
  const pulled = `${name}@${digest}`;
  const before = await images(socket, pulled);
  const query = new URLSearchParams({ fromImage: name, tag: digest });
  let error: string | undefined;
  let fresh = true;
  try {
    error = pullError(await askDocker(socket, 'POST', `/images/create?${query.toString()}`, signal));
  } finally {
    fresh = await leaveAsBefore(socket, pulled, before);
  }
  if (error !== undefined) return notPulled(pulled, error);
  return { pulled, fresh };
}

function notPulled(pulled: string, error: string, cause?: unknown): never {
  return fail(
    {
      code: 'proof-pull-failed',
      message: `Docker could not pull ${pulled}: ${error}.`,
      hint: 'Look at the node with "mirrorfleet status".',
      retryable: true,
    },
    { cause },
  );
}

async function images(socket: string, pulled: string) {
  const answer = await askDocker(socket, 'GET', '/images/json?all=1&digests=1', AbortSignal.timeout(30_000));
  try {
    return imagesSchema.parse(JSON.parse(answer.body));
  } catch (cause) {
    return notPulled(pulled, `it does not list its images (${saidBy(answer)})`, cause);
  }
}

/** Takes away what the pull added; true when the image itself was new. */
async function leaveAsBefore(
  socket: string,
  pulled: string,
  before: Awaited<ReturnType<typeof images>>,
): Promise<boolean> {
  const image = (await images(socket, pulled)).find(({ RepoDigests }) => RepoDigests?.includes(pulled));
  if (image === undefined) return true;
  const earlier = before.find(({ Id }) => Id === image.Id);
  const named = earlier?.RepoDigests?.includes(pulled) ?? false;
  const otherNames = [...(earlier?.RepoTags ?? []), ...(earlier?.RepoDigests ?? [])].filter(
    (each) => !each.startsWith('<none>'),
  );
  // A user's image without a name would go with its last name, so that one keeps the new one.
  if (named || (earlier !== undefined && otherNames.length === 0)) return false;
  await askDocker(socket, 'DELETE', `/images/${pulled}`, AbortSignal.timeout(30_000));
  return earlier === undefined;
}

/** The engine answers 200 and tells of a failure in its last lines. */
function pullError(answer: DockerAnswer): string | undefined {
  if (answer.status !== 200) return saidBy(answer);
  for (const line of answer.body.split('\n').filter((each) => each.includes('"error"'))) {
    try {
      const { error } = progressSchema.parse(JSON.parse(line));
      if (error !== undefined) return error;
    } catch {
      // A progress line that is cut or of another shape says nothing about success.
    }
  }
  return undefined;
}
