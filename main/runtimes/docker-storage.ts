import { z } from 'zod';
import type { LocalStorage } from '../../preload/contract/cache.ts';
import { fail } from '../../preload/contract/problem.ts';
import { askDocker, saidBy } from './docker-socket.ts';

/** `GET /system/df`, as `docker system df` reads it. A shared size of −1 means that it was not counted. */
const usageSchema = z.object({
  LayersSize: z.number().default(0),
  Images: z.array(z.object({ Size: z.number(), SharedSize: z.number().default(0), Containers: z.number() })).nullish(),
  BuildCache: z.array(z.object({ Size: z.number(), Shared: z.boolean().default(false) })).nullish(),
});

/** What Docker keeps on this computer. Reclaimable, as docker counts it, is all layers but those of images in use. */
export async function dockerStorage(socket: string): Promise<LocalStorage> {
  const answer = await askDocker(socket, 'GET', '/system/df', AbortSignal.timeout(60_000));
  if (answer.status !== 200) return unknown(saidBy(answer));
  try {
    return storageOf(JSON.parse(answer.body));
  } catch (cause) {
    return unknown('its answer is in a form not known here', cause);
  }
}

function unknown(reason: string, cause?: unknown): never {
  return fail(
    {
      code: 'docker-storage-unknown',
      message: `Docker does not tell what it keeps: ${reason}.`,
      hint: 'Try "docker system df".',
      retryable: true,
    },
    { cause },
  );
}

/** The figures of an answer. Pure. */
export function storageOf(answer: unknown): LocalStorage {
  const { LayersSize, Images, BuildCache } = usageSchema.parse(answer);
  const images = Images ?? [];
  const own = (image: (typeof images)[number]): number => image.Size - Math.max(0, image.SharedSize);
  const inUse = images.filter(({ Containers }) => Containers > 0).reduce((sum, image) => sum + own(image), 0);
  return {
    images: { count: images.length, bytes: LayersSize, reclaimableBytes: Math.max(0, LayersSize - inUse) },
    buildCacheBytes: (BuildCache ?? []).filter(({ Shared }) => !Shared).reduce((sum, { Size }) => sum + Size, 0),
  };
}
