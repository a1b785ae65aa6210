import { fail } from '../../preload/contract/problem.ts';
import type { NodeLayout } from '../fleet/node-layout.ts';
import type { CommandResult, Host } from '../hosts/host.ts';
import type { Observed } from './observed.ts';

/** Pulls are never Compose's business here, so a minute or two is ample even where Python's Compose v1 drains a registry. */
const composeTimeout = 300_000;

/**
 * The words before a Compose verb. Version 1 is a program of its own and version 2 a plug-in; the project's name is given because
 * version 1 refuses a top-level `name:`.
 */
export function composeCommand(kind: Observed['compose'], layout: NodeLayout): string[] {
  const program = kind === 'plugin' ? ['docker', 'compose'] : ['docker-compose'];
  return [...program, '-p', layout.project, '-f', layout.composeFile, '--project-directory', layout.base];
}

/** Runs one Compose verb. Problem `compose-failed` with the last of what it printed. */
export async function compose(
  host: Host,
  kind: Observed['compose'],
  layout: NodeLayout,
  verb: readonly string[],
): Promise<CommandResult> {
  const result = await host.run({
    argv: [...composeCommand(kind, layout), ...verb],
    elevated: true,
    timeoutMs: composeTimeout,
  });
  if (result.code === 0) return result;
  const output = `${result.stdout}\n${result.stderr}`.trim();
  const port =
    /(?:0\.0\.0\.0|\[?::\]?|127\.0\.0\.1):(\d+)[^\n]*(?:address already in use|port is already allocated)/.exec(
      output,
    )?.[1];
  if (port !== undefined || /port is already allocated|address already in use/.test(output)) {
    fail({
      code: 'port-taken',
      message: `Another program on ${host.name} listens on port ${port ?? 'of the edge'}, so the node could not start.`,
      hint: `Stop that program (sudo ss -ltnp shows it) or give the node another port: mirrorfleet node add … --port 8443`,
      detail: { output: output.slice(-2000) },
    });
  }
  fail({
    code: 'compose-failed',
    message: `Compose on ${host.name} failed at "${verb.join(' ')}" (exit ${result.code}).`,
    hint: 'The detail holds what it said. Apply again when that is cured: it goes on where it stopped.',
    retryable: true,
    detail: { output: output.slice(-2000) },
  });
}

/** The project's containers now, id by service. */
export async function containerIds(host: Host, layout: NodeLayout): Promise<Map<string, string>> {
  const result = await host.run({
    argv: [
      'docker',
      'ps',
      '-a',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project=${layout.project}`,
      '--format',
      '{{.Label "com.docker.compose.service"}} {{.ID}}',
    ],
    elevated: true,
    timeoutMs: 30_000,
  });
  return new Map(
    result.stdout
      .split('\n')
      .map((line) => line.split(' '))
      .flatMap(([service, id]) => (service && id ? [[service, id] as const] : [])),
  );
}
