import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Command, CommandResult, Host } from '../../../main/hosts/host.ts';
import { Secret } from '../../../main/log/secret.ts';
import { askEdge, healthyClusters, parseEdgeStats } from '../../../main/provision/edge-stats.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { answering } from './answering-host.ts';

const metrics = { port: 9902, token: new Secret('t0ken') };
const refused =
  (cause: string, code = 'port-forward-refused'): Host['connect'] =>
  () =>
    Promise.reject(new ProblemError({ code, message: 'm', hint: 'h', retryable: false, detail: { cause } }));

/** A server whose ports are reached like this, and which answers each command as told. */
function server(reach: Host['connect'], answer: (command: Command) => Partial<CommandResult> = () => ({ code: 1 })) {
  const commands: Command[] = [];
  const host = answering((command) => {
    commands.push(command);
    return answer(command);
  });
  return { host: { ...host, connect: reach }, commands };
}

/** Asks an edge that answers so, over a connection as sshd would forward it. */
async function asked<T>(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  ask: (host: Host) => Promise<T>,
) {
  const edge = createServer(answer).listen(0, '127.0.0.1');
  await once(edge, 'listening');
  try {
    const { port } = edge.address() as AddressInfo;
    const { host, commands } = server(async () => connect(port, '127.0.0.1'));
    return { answer: await ask(host), commands };
  } finally {
    edge.close();
  }
}

describe('an edge is asked', () => {
  it('by its own port, with the token, for the versions and refusals alone', async () => {
    const seen: (string | undefined)[] = [];
    const { answer } = await asked(
      (request, response) => {
        seen.push(decodeURIComponent(request.url ?? ''), JSON.stringify(request.headers));
        response.end('envoy_cluster_manager_cds_version_text{text_value="k1"} 0\n');
      },
      (host) => askEdge(host, metrics),
    );
    expect(answer).toEqual({ cds: 'k1', routes: {}, secrets: [], refusals: 0 });
    expect(seen[0]).toBe('/stats/prometheus?text_readouts&filter=version_text|update_rejected|update_failure');
    expect(seen[1]).toContain('"t0ken"');
  });

  it('and is taken for silent where it answers otherwise, or nothing listens there', async () => {
    const { answer, commands } = await asked(
      (_, response) => response.writeHead(403).end('no'),
      (host) => askEdge(host, metrics),
    );
    expect([answer, commands]).toEqual([undefined, []]);
    for (const reach of [refused('Connection refused'), refused('open failed', 'http-failed')]) {
      const closed = server(reach, () => ({ stdout: 'x' }));
      expect(await askEdge(closed.host, metrics)).toBeUndefined();
      expect(closed.commands).toEqual([]);
    }
    await expect(askEdge(server(() => Promise.reject(new TypeError('a bug'))).host, metrics)).rejects.toThrow('a bug');
  });

  it('by the server itself where sshd forwards nothing, with the token on its standard input alone', async () => {
    const { host, commands } = server(refused('open failed'), () => ({
      stdout: 'envoy_listener_manager_lds_version_text{text_value="l1"} 0\n',
    }));
    expect(await askEdge(host, metrics, 700)).toMatchObject({ lds: 'l1' });
    const [command] = commands;
    expect(command?.argv.slice(0, 2)).toEqual(['sh', '-c']);
    expect(command?.argv.slice(3, 5)).toEqual(['sh', '9902']);
    expect(command?.argv.join(' ')).not.toContain('t0ken');
    expect(command?.input).toMatch(/^[a-z-]+: t0ken\n$/);
    expect(command?.timeoutMs).toBe(1400);
    expect(await askEdge(server(refused('open failed')).host, metrics)).toBeUndefined();
  });
});

describe('the clusters of an edge', () => {
  it('are healthy where a member is, by their names', async () => {
    const lines = [
      'envoy_cluster_membership_healthy{envoy_cluster_name="docker_io"} 1',
      'envoy_cluster_membership_healthy{envoy_cluster_name="ghcr_io"} 0',
      'envoy_cluster_membership_healthy{envoy_cluster_name="quay_io"} 12\r',
      'envoy_cluster_membership_healthy{envoy_cluster_name="x"} 1 2',
      ' envoy_cluster_membership_healthy{envoy_cluster_name="y"} 1',
      'envoy_cluster_membership_healthy_total{envoy_cluster_name="z"} 1',
    ];
    const seen: string[] = [];
    const { answer } = await asked(
      (request, response) => {
        seen.push(request.url ?? '');
        response.end(lines.join('\n'));
      },
      (host) => healthyClusters(host, metrics),
    );
    expect([...(answer ?? [])]).toEqual(['docker_io', 'quay_io']);
    expect(seen).toEqual(['/stats/prometheus?filter=membership_healthy']);
  });

  it('are not known where the edge does not answer', async () => {
    expect(await healthyClusters(server(refused('Connection refused')).host, metrics)).toBeUndefined();
  });
});

describe('the statistics of an edge', () => {
  it.each<[string, string, object]>([
    [
      'a secret of any name',
      'envoy_sds_server_cert_version_text{text_value="b"} 0\nenvoy_sds_version_text{text_value="a"} 0',
      { secrets: ['a', 'b'] },
    ],
    [
      'no secret',
      'envoy_sds_server_cert_version_text_total{text_value="b"} 0\nenvoy_my_sds_version_text{text_value="c"} 0',
      {},
    ],
    ['an empty version', 'envoy_listener_manager_lds_version_text{text_value=""} 0', { lds: '' }],
    ['a version that is not told', 'envoy_listener_manager_lds_version_text{} 0', { lds: '' }],
    ['a table without a name', 'envoy_http_rds_version_text{text_value="r"} 0', { routes: { '': 'r' } }],
    ['refusals of every kind', 'envoy_a_update_rejected{} 12\nenvoy_b_update_failure{x="1"} 3', { refusals: 15 }],
    ['a refusal without a figure', 'envoy_a_update_rejected{} many', {}],
    ['another figure', 'envoy_a_update_rejected_total{} 1\nenvoy_a_update_success{} 1', {}],
    ['a comment', '# envoy_a_update_rejected{} 1', {}],
    ['a name that cannot be looked up', 'envoy_cluster_update_failure{} 9', {}],
  ])('hold %s', (_, text, expected) => {
    expect(parseEdgeStats(text)).toEqual({ routes: {}, secrets: [], refusals: 0, ...expected });
  });
});
