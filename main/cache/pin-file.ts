import { createHash } from 'node:crypto';
import type { NodeSpec } from '../../preload/contract/node.ts';
import { ProblemError, fail } from '../../preload/contract/problem.ts';
import { nodeLayout } from '../fleet/node-layout.ts';
import type { Host } from '../hosts/host.ts';
import { cacheProblem } from './cache-problem.ts';
import { pinName } from './pin-names.ts';
import { pinsIn, withPins, withoutPins } from './pins-text.ts';

type Node = Pick<NodeSpec, 'name' | 'base'>;

/** Somebody else may write the file at the same moment, from another computer; so often the change is made again on what they left. */
const attempts = 3;

const readScript = String.raw`cd "$1/data" 2>/dev/null && [ -d blobs ] || exit 10
[ -e "$1/pins" ] || exit 44
exec cat "$1/pins"`;

/** The pins of a node, full names. Throws `node-not-applied` where there is no node. */
export async function readPins(host: Host, spec: Node): Promise<string[]> {
  return pinsIn((await readBytes(host, spec))?.toString() ?? '');
}

/** Adds pins to a node's file and answers with all of them. Pinning what is pinned changes nothing. Throws `input-invalid` for what is none. */
export function addPins(host: Host, spec: Node, typed: readonly string[]): Promise<string[]> {
  const pins = typed.map(nameOf);
  return change(host, spec, (text) => withPins(text, pins));
}

/** Takes pins off a node's file and answers with those that are left. Throws `not-pinned` for what is not in it; nothing is changed then. */
export function removePins(host: Host, spec: Node, typed: readonly string[]): Promise<string[]> {
  const pins = typed.map(nameOf);
  return change(host, spec, (text) => {
    const there = new Set(pinsIn(text));
    const missing = pins.filter((pin) => !there.has(pin));
    if (missing.length > 0) {
      fail({
        code: 'not-pinned',
        message: `Not pinned on ${spec.name}: ${missing.join(', ')}. Nothing was changed.`,
        hint: `See what is: mirrorfleet cache pins ${spec.name}`,
      });
    }
    return withoutPins(text, pins);
  });
}

function nameOf(typed: string): string {
  return (
    pinName(typed) ??
    fail({
      code: 'input-invalid',
      message: `"${typed}" is no image and no repository; nothing was changed.`,
      hint: 'For example docker.io/library/nginx:alpine, or docker.io/library/nginx for all its images.',
    })
  );
}

async function change(host: Host, spec: Node, edit: (text: string) => string): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await readBytes(host, spec);
    const before = found === undefined ? '' : textOf(found, spec);
    const after = edit(before);
    if (after === before) return pinsIn(after);
    try {
      await host.replaceFile(nodeLayout(spec).pinsFile, Buffer.from(after), {
        mode: 0o644,
        elevated: true,
        expect: found === undefined ? 'absent' : createHash('sha256').update(found).digest('hex'),
      });
      return pinsIn(after);
    } catch (error) {
      const changed = error instanceof ProblemError && error.problem.code === 'file-changed';
      if (!changed || attempt === attempts) throw error;
    }
  }
}

/** Undefined where there is no file. Bytes, because what is written back must be the same but for the pins. */
async function readBytes(host: Host, spec: Node): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  const result = await host.run({
    argv: ['sh', '-c', readScript, 'sh', nodeLayout(spec).base],
    elevated: true,
    timeoutMs: 30_000,
    maxOutputBytes: 4 * 1024 * 1024,
    keepOutput: false,
    onOutput: (chunk) => chunks.push(Uint8Array.from(chunk)),
  });
  if (result.code === 44) return undefined;
  if (result.code !== 0) throw cacheProblem(spec.name, result);
  return Buffer.concat(chunks);
}

/** A file in another encoding would come back with other letters than its writer's. Throws `pins-not-text`. */
function textOf(bytes: Buffer, spec: Node): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail({
      code: 'pins-not-text',
      message: `The file of pins of ${spec.name} is not UTF-8 text, so it was left as it is.`,
      hint: `Save ${nodeLayout(spec).pinsFile} as UTF-8 on the server, then try again.`,
    });
  }
}
