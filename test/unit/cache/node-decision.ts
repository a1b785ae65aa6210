import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptPath } from '../../../main/cache/prune-order.ts';
import type { PrunePlan } from '../../../main/cache/prune-plan.ts';
import { scheduleDecision } from '../../../main/cache/schedule-decision.ts';
import type { snapshotOf } from './cache-model.ts';

export type Model = ReturnType<typeof snapshotOf>;

/** What `list.sh FOLDER references` prints for a snapshot. A manifest that cannot be read has no lines of its own. */
export function lines(snapshot: Model): string[] {
  const said = [
    `mirrorfleet-cache 1 ${snapshot.at} ${snapshot.readTimesTrue ? 1 : 0}`,
    ...snapshot.pins.map((pin) => `p ${pin}`),
  ];
  for (const repository of snapshot.repositories) {
    said.push(`u ${repository.storage}`, `r ${repository.name}`);
    for (const [hex, at] of repository.layers) said.push(`l ${hex} ${at}`);
    for (const [hex, at] of repository.revisions) said.push(`m ${hex} ${at}`);
    for (const tag of repository.tags) said.push(`t ${tag.name} ${tag.hex ?? '-'} ${tag.usedAt}`);
    if (repository.opaque) said.push('o');
  }
  for (const [hex, blob] of snapshot.blobs)
    said.push(`b ${hex} ${blob.size} ${blob.disk / 512} ${blob.readAt} ${blob.changedAt}`);
  for (const [hex, bytes] of snapshot.files) {
    if (snapshot.manifests.get(hex) === undefined) continue;
    const text = bytes.toString();
    said.push(
      `x ${hex}`,
      ...[...text.matchAll(/"sha256:([0-9a-f]{64})"/g)].map((found) => `x ${hex} ${found[1] ?? ''}`),
    );
    if (text.includes('"manifests"')) said.push(`i ${hex}`);
  }
  return [...said, 'end'];
}

/** What a schedule asks for: days without use, bytes to keep, bytes that the disk lacks, seconds that nothing new is taken. */
export interface Rules {
  readonly days?: number;
  readonly keep?: number;
  readonly grow?: number;
  readonly grace?: number;
}

/** `order` is what is printed for the remover; `gone` the lines about images that go (path and name), `going` their names. */
export interface Decided {
  readonly code: number | null;
  readonly order: string;
  readonly gone: readonly string[];
  readonly going: readonly string[];
}

/** Lets an awk program decide as the schedule of a node does. */
export function decide(said: readonly string[], rules: Rules, program: readonly string[] = ['awk']): Decided {
  const folder = mkdtempSync(join(tmpdir(), 'mirrorfleet-decision-'));
  try {
    const going = join(folder, 'going');
    writeFileSync(going, '');
    const variables = { days: '', keep: '', grow: '', grace: 3600, going, ...rules };
    const [awk = 'awk', ...first] = program;
    const given = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
    const ran = spawnSync(awk, [...first, ...given, scheduleDecision], {
      input: `${said.join('\n')}\n`,
      encoding: 'utf8',
    });
    const gone = readFileSync(going, 'utf8').trimEnd().split('\n').filter(Boolean);
    return { code: ran.status, order: ran.stdout, gone, going: gone.map((each) => each.split(' ')[1] ?? '') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines about the images that go which are right for a plan: the path that the remover would name, and the image. */
export function goneOf({ victims }: PrunePlan): string[] {
  return victims
    .map(({ repository: { storage, name: repository }, image: { tag }, root, name }) => {
      const path =
        tag === undefined
          ? keptPath('revisions/sha256', { storage, repository, name: root })
          : keptPath('tags', { storage, repository, name: tag });
      return `${path} ${name}`;
    })
    .toSorted();
}

/** The lines of an order, sorted: what goes must be the same, not in which order its kind comes. */
export function sorted(order: string): string[] {
  return order.trimEnd().split('\n').toSorted();
}
