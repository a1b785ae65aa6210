import type { KnownHost, NodeDetail, Plan, PlanStep, Preflight } from '../../preload/contract/node.ts';
import type { NodeView } from '../../preload/contract/status.ts';
import { agoText, bytesText } from './figures.ts';
import { say } from './sayings.ts';
import type { Session } from './session.ts';
import { tableLines } from './table.ts';

/** The nodes as a table: what they are called, where they are, how they are. Pure; `node list` asks nobody. */
export function nodeLines(nodes: readonly NodeView[]): string[] {
  return tableLines(
    [{ heading: 'NAME' }, { heading: 'ADDRESS' }, { heading: 'STATE' }, { heading: 'UPSTREAMS' }],
    nodes.map((node) => [
      node.name,
      `${node.address}:${node.port}`,
      node.applied ? (node.state === 'unknown' ? 'applied' : node.state) : 'not applied yet',
      node.mirrors.map((mirror) => mirror.upstream).join(', '),
    ]),
  );
}

/** The machines of an ssh configuration as a table. Pure. */
export function hostLines(hosts: readonly KnownHost[]): string[] {
  return tableLines(
    [{ heading: 'NAME' }, { heading: 'HOST' }, { heading: 'USER' }, { heading: 'PORT', figures: true }],
    hosts.map(({ alias, hostName = '–', user = '–', port }) => [alias, hostName, user, String(port ?? '–')]),
  );
}

/** A node as it is remembered. Pure. */
export function detailLines({ spec, appliedAt, shell, images, access }: NodeDetail, now: number): string[] {
  return [
    spec.name,
    `  clients    ${spec.address}:${spec.port}`,
    `  upstreams  ${spec.upstreams.join(', ')}`,
    `  applied    ${agoText(appliedAt, now)}`,
    `  terminal   ${shell}`,
    ...(spec.base === undefined ? [] : [`  folder     ${spec.base}`]),
    ...(images.registry === undefined ? [] : [`  registry   ${images.registry}`]),
    ...(images.envoy === undefined ? [] : [`  envoy      ${images.envoy}`]),
    ...access.map(
      ({ name, notAfter }) =>
        `  may pull   ${name} (certificate until ${new Date(notAfter).toISOString().slice(0, 10)})`,
    ),
  ];
}

const marks = { ok: '✓', warning: '!', failed: '✕' } as const;

/** What a preflight found, one line a check, with the way out below each that will not do. */
export function showPreflight(session: Session, preflight: Preflight): void {
  if (session.output.json) {
    session.output.value(preflight);
    return;
  }
  for (const check of preflight.checks) {
    session.output.line(`${marks[check.state]} ${check.label}: ${check.found}`);
    if (check.problem) session.output.line(`    ${check.problem.message}\n    → ${check.problem.hint}`);
  }
}

/** A plan as lines, one a step, with each file's diff below it when wanted; the many folders of a new node take one line. Pure. */
export function planLines(plan: Plan, withDiffs: boolean): string[] {
  if (plan.steps.length === 0) return [`Nothing to do: ${plan.node} is what it should be.`];
  const lines: string[] = [];
  const isFolder = (step: PlanStep): boolean => step.action === 'create' && /^(directory|link) /.test(step.resource);
  const folders = plan.steps.filter(isFolder);
  const folded = folders.length > 3;
  if (folded)
    lines.push(`${'create'.padEnd(8)} ${folders.length} folders and links (${namesOf(folders)}) — not there yet`);
  for (const step of plan.steps) {
    if (folded && isFolder(step)) continue;
    const size = step.bytes === undefined ? '' : ` (${bytesText(step.bytes)})`;
    lines.push(
      `${step.action.padEnd(8)} ${step.resource}${size} — ${say(step.because)}${step.interrupts ? ' [interrupts]' : ''}`,
    );
    if (withDiffs && step.diff !== undefined)
      lines.push(
        ...step.diff
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      );
  }
  for (const warning of plan.warnings) lines.push(`! ${warning.message}\n  ${warning.hint}`);
  return lines;
}

/** The folders at the top of what is created: `registry, envoy, log, data`. */
function namesOf(folders: readonly PlanStep[]): string {
  return [...new Set(folders.map((step) => step.resource.split(' ')[1]?.split('/')[0] ?? ''))].join(', ');
}
