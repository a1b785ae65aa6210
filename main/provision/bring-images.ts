import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ImageSource } from '../../preload/contract/node.ts';
import { fail } from '../../preload/contract/problem.ts';
import type { CommandResult, Host } from '../hosts/host.ts';
import type { StepReport } from '../tasks/tasks.ts';
import { type ImageName, imageRecord } from './image-identity.ts';
import type { ImageRecord } from './node-state.ts';
import type { ObservedImage } from './observed.ts';
import { noteScript, pullScript } from './brought-scripts.ts';

const inspectFormat = '{{.Id}}\t{{.Size}}\t{{json .RepoTags}}\t{{json .RepoDigests}}';
/** A pull that says nothing new for so long has failed. Milliseconds, for the whole pull of some 60 MB on a slow line. */
const pullTimeout = 600_000;
const uploadTimeout = 1_800_000;

const words = (text: string | undefined): string[] => {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((each): each is string => typeof each === 'string') : [];
  } catch {
    return [];
  }
};

/** An image as the engine knows it by that name or id; undefined where it does not. */
async function inspect(host: Host, name: string): Promise<ObservedImage | undefined> {
  const result = await host.run({
    argv: ['docker', 'image', 'inspect', '--format', inspectFormat, '--', name],
    elevated: true,
    timeoutMs: 30_000,
  });
  const [id = '', bytes = '', tags, digests] = result.stdout.trimEnd().split('\t');
  if (result.code !== 0 || !/^sha256:[0-9a-f]{64}$/.test(id)) return undefined;
  return { id, bytes: Number(bytes), tags: words(tags), digests: words(digests) };
}

/** What a local archive holds in bytes; Problem `archive-unreadable`. */
async function archiveSize(archive: string): Promise<number> {
  try {
    return (await stat(archive)).size;
  } catch (error) {
    return fail(
      {
        code: 'archive-unreadable',
        message: `The image archive ${archive} cannot be read on this computer; nothing was uploaded.`,
        hint: 'Correct the path of the image in the settings, or make the archive again with docker save.',
      },
      { cause: error },
    );
  }
}

/** Streams an archive into `docker load` over there, with progress in bytes. Gives the image's id or name as the engine printed it. */
async function upload(host: Host, archive: string, report: StepReport, signal: AbortSignal): Promise<string> {
  const total = await archiveSize(archive);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const chunk of createReadStream(archive, { highWaterMark: 256 * 1024 })) {
      const bytes: Uint8Array = chunk as Buffer;
      done += bytes.length;
      yield bytes;
      report.progress(done, total, 'bytes');
    }
  }
  report.note({ code: 'uploading', values: { archive } });
  const result = await host.run({
    argv: ['docker', 'load'],
    input: chunks(),
    elevated: true,
    timeoutMs: uploadTimeout,
    signal,
  });
  const loaded = /^Loaded image(?: ID)?: (\S+)$/m.exec(result.stdout)?.[1];
  if (result.code !== 0 || loaded === undefined) {
    fail({
      code: 'image-upload-failed',
      message: `${host.name} did not take the image archive ${archive}; its containers are as before.`,
      hint: 'Check that the archive is in docker save form and for that machine’s architecture, and that its disk has room, then apply again.',
      retryable: true,
      detail: { output: `${result.stdout}\n${result.stderr}`.trim().slice(-2000) },
    });
  }
  return loaded;
}

/** Notes in the node's folder that we brought this image, so that removing the node removes it. */
async function noteBrought(host: Host, base: string, id: string): Promise<void> {
  await host.run({ argv: ['sh', '-c', noteScript, 'sh', base, id], elevated: true, timeoutMs: 30_000 });
}

/** How often a pull is tried whose name server kept Docker waiting. */
const lookUps = 3;

/**
 * Whether a pull ended because a name server did not answer in time. Docker gives up after two questions of 5 s to it and tries nothing
 * more, and nothing was pulled; on a line that loses packets the next try is answered. Pure.
 */
const nameUnanswered = (said: string): boolean =>
  /lookup \S+ on \S+: .*(i\/o timeout|server misbehaving)|Temporary failure in name resolution/i.test(said);

/** Lets the server pull an image itself; what came of it. */
async function pull(host: Host, base: string, reference: string, signal: AbortSignal): Promise<CommandResult> {
  const argv = ['sh', '-c', pullScript, 'sh', base, reference];
  for (let tried = 1; ; tried += 1) {
    const pulled = await host.run({ argv, elevated: true, timeoutMs: pullTimeout, signal });
    if (pulled.code === 0 || tried === lookUps || !nameUnanswered(pulled.stderr)) return pulled;
  }
}

/**
 * Brings one image to a node: pulled by the server itself or, where that fails and an archive is configured, uploaded through SSH.
 * Problems: `image-pull-failed`, `archive-unreadable`, `image-upload-failed`.
 */
export async function bringImage(
  host: Host,
  base: string,
  name: ImageName,
  source: ImageSource,
  report: StepReport,
  signal: AbortSignal,
): Promise<ImageRecord> {
  report.note({ code: 'pulling', values: { image: source.reference } });
  const pulled = await pull(host, base, source.reference, signal);
  let found = pulled.code === 0 ? await inspect(host, source.reference) : undefined;
  if (found === undefined) {
    if (source.archive === undefined) {
      fail({
        code: 'image-pull-failed',
        message: `${host.name} cannot pull ${source.reference}; its containers are as before.`,
        hint: `If its network or its name server failed, apply again. Otherwise give an archive of the image to upload instead: mirrorfleet settings image ${name} ${source.reference} --archive FILE (made with docker save)`,
        retryable: true,
        detail: { output: pulled.stderr.trim().slice(-2000) || pulled.stdout.trim().slice(-2000) || '(nothing)' },
      });
    }
    const loaded = await upload(host, source.archive, report, signal);
    found = await inspect(host, loaded);
    if (found !== undefined) await noteBrought(host, base, found.id);
    if (found?.tags.length === 0) {
      // Without a name of its own the next `docker image prune` of anybody would take it.
      const tag = `mirrorfleet/${name}:${found.id.slice(7, 19)}`;
      await host.run({ argv: ['docker', 'tag', found.id, tag], elevated: true, timeoutMs: 30_000 });
      found = { ...found, tags: [tag] };
    }
  }
  if (found === undefined) {
    fail({
      code: 'image-missing',
      message: `The image ${source.reference} was brought to ${host.name}, yet Docker there does not know it.`,
      hint: 'Look at "docker images" on that machine; another program may have removed it. Apply again.',
      retryable: true,
    });
  }
  return imageRecord(source.reference, found, true);
}
