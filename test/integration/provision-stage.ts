import { randomBytes } from 'node:crypto';
import type { NodeSpec, Plan } from '../../preload/contract/node.ts';
import type { Task } from '../../preload/contract/task.ts';
import {
  type Authority,
  type IssuedCertificate,
  createAuthority,
  createRevocationList,
  issueClient,
  issueServer,
} from '../../main/certificates/authority.ts';
import { removeSchedule } from '../../main/cache/schedule.ts';
import { edgeHostNames } from '../../main/fleet/edge-names.ts';
import { nodeLayout } from '../../main/fleet/node-layout.ts';
import type { Host } from '../../main/hosts/host.ts';
import { type TlsIdentity, createRegistryClient } from '../../main/hosts/registry-client.ts';
import { connectSsh } from '../../main/hosts/ssh-host.ts';
import { silentLog } from '../../main/log/log.ts';
import { Secret } from '../../main/log/secret.ts';
import { type ApplyRequest, applyNode, planFor } from '../../main/provision/apply-node.ts';
import type { NodeImages } from '../../main/provision/image-identity.ts';
import { planLine } from '../plan-line.ts';
import { removeNode } from '../../main/provision/remove-node.ts';
import { renderDirectories, renderNodeFiles } from '../../main/provision/render/render-node-files.ts';
import { verifyNode } from '../../main/provision/verify-node.ts';
import { type JobContext, Tasks } from '../../main/tasks/tasks.ts';
import { type MachineName, catalogue } from '../lab/catalogue.ts';
import type { Lab, Machine } from '../lab/lab.ts';

/** A server of the lab seen from this computer, with everything an apply needs; certificates stay the same for the stage's life. */
export class Stage {
  readonly lab: Lab;
  readonly machine: Machine;
  host: Host;
  readonly identity: TlsIdentity;
  readonly metricsToken = new Secret(randomBytes(32).toString('base64url'));
  readonly holder = { who: 'ada@laptop', installation: 'installation-one' };
  spec: NodeSpec;
  images: NodeImages;
  readonly #authority: Authority;
  #server: IssuedCertificate;
  readonly #crl: string;

  private constructor(parts: {
    lab: Lab;
    machine: Machine;
    host: Host;
    spec: NodeSpec;
    authority: Authority;
    server: IssuedCertificate;
    client: IssuedCertificate;
    crl: string;
  }) {
    this.lab = parts.lab;
    this.machine = parts.machine;
    this.host = parts.host;
    this.spec = parts.spec;
    this.#authority = parts.authority;
    this.#server = parts.server;
    this.#crl = parts.crl;
    this.identity = {
      ca: parts.authority.certificate,
      certificate: parts.client.certificate,
      key: parts.client.key,
    };
    const { registry, envoy } = parts.lab.internet.imageArchives;
    this.images = {
      registry: { reference: 'registry:3.1.1', archive: registry },
      envoy: { reference: 'envoyproxy/envoy:distroless-v1.40.0', archive: envoy },
    };
  }

  static async open(
    lab: Lab,
    name: MachineName,
    upstreams: readonly string[] = ['docker.io', 'ghcr.io'],
  ): Promise<Stage> {
    const machine = await lab.machine(name);
    const plan = catalogue[name];
    const spec: NodeSpec = {
      name,
      kind: 'ssh',
      target: { destination: `${plan.user}@${plan.address}`, identityFile: lab.state.keyFile },
      upstreams: [...upstreams],
      address: plan.address,
      port: 443,
    };
    const host = await connect(machine, spec);
    const authority = await createAuthority();
    const server = await issueServer(authority, { names: [...edgeHostNames(plan.address, upstreams)], days: 90 });
    const client = await issueClient(authority, { name: 'ada@laptop' });
    const crl = await createRevocationList(authority, []);
    return new Stage({ lab, machine, host, spec, authority, server, client, crl });
  }

  request(more: Partial<ApplyRequest> = {}): ApplyRequest {
    const { spec } = this;
    const layout = nodeLayout(spec);
    return {
      host: this.host,
      spec,
      images: this.images,
      render: (images) => {
        const server = { chain: this.#server.chain, key: this.#server.key };
        const files = renderNodeFiles({
          spec,
          layout,
          images,
          server,
          clientCa: this.#authority.certificate,
          crl: this.#crl,
          metricsToken: this.metricsToken,
        });
        return { files, directories: renderDirectories({ spec }) };
      },
      verify: (expected, signal) => verifyNode({ spec, identity: this.identity, expected, signal }),
      metricsToken: this.metricsToken,
      holder: this.holder,
      appVersion: '0.1.0',
      installEngine: false,
      log: silentLog,
      ...more,
    };
  }

  /** Gives the edge a new certificate, as a renewal does. */
  async renew(): Promise<void> {
    const names = [...edgeHostNames(this.spec.address, this.spec.upstreams)];
    this.#server = await issueServer(this.#authority, { names, days: 90 });
  }

  /** A new connection, for example after the old one was cut. */
  async reconnect(): Promise<void> {
    await this.host.close();
    this.host = await connect(this.machine, this.spec);
  }

  /** The edge's status for `/v2/`, asked with this computer's certificate. */
  async ping(): Promise<number> {
    const client = createRegistryClient({
      baseUrl: `https://${this.spec.address}:${this.spec.port}/`,
      identity: this.identity,
    });
    try {
      return (await client.ping()).status;
    } finally {
      client.close();
    }
  }

  async plan(more: Partial<ApplyRequest> = {}): Promise<Plan> {
    return (await planFor(this.request(more))).plan.plan;
  }

  async lines(): Promise<string[]> {
    return (await this.plan()).steps.map(planLine);
  }

  apply(more: Partial<ApplyRequest> = {}, seen: (task: Task) => void = () => undefined): Promise<Task> {
    return run('node-apply', seen, async (job) => void (await applyNode(job, this.request(more))));
  }

  /** An apply that somebody cancels while it is in that step. */
  async cancelledAt(step: string): Promise<Task> {
    const tasks = new Tasks((task) => {
      if (task.state === 'running' && task.steps.some(({ id, state }) => id === step && state === 'running'))
        tasks.cancel(task.id);
    });
    return tasks.run(
      { kind: 'node-apply', subject: 'node', title: 'apply' },
      async (job) => void (await applyNode(job, this.request())),
    );
  }

  remove(keepCache = false, breakLock = false): Promise<Task> {
    const { host, spec, holder } = this;
    return run(
      'node-remove',
      () => undefined,
      (job) =>
        removeNode(job, {
          host,
          spec,
          keepCache,
          takeOffSchedule: () => removeSchedule(host, spec),
          breakLock,
          holder,
          log: silentLog,
        }),
    );
  }

  /** What a server's root sees of itself, engine's own folders aside: every path with type, mode, owner, size and link target. */
  async listing(): Promise<string[]> {
    const skip = [
      '/proc',
      '/sys',
      '/dev',
      '/run',
      '/tmp',
      '/var/lib/docker',
      '/var/lib/containerd',
      '/var/log',
      '/var/lib/systemd',
      '/var/cache',
      '/var/lib/apt',
      '/var/lib/sudo',
    ];
    const prune = skip.flatMap((path) => ['-path', path, '-prune', '-o']);
    const found = await this.machine.mustExec(['find', '/', '-xdev', ...prune, '-printf', '%p %y %m %U:%G %l\\n']);
    return found.split('\n').toSorted();
  }

  async docker(...words: string[]): Promise<string[]> {
    return (await this.machine.mustExec(['docker', ...words])).split('\n').filter(Boolean).toSorted();
  }
}

async function connect(machine: Machine, spec: NodeSpec): Promise<Host> {
  const { password } = catalogue[machine.name];
  const key = (await machine.readFile('/etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? '';
  const fingerprint = await fingerprintOf(key);
  return connectSsh({
    name: machine.name,
    target: spec.target,
    secrets: password === undefined ? {} : { sudoPassword: new Secret(password) },
    hostKeys: { pinned: () => [fingerprint] },
    log: silentLog,
    settings: { configFile: '/dev/null' },
  });
}

async function run(
  kind: 'node-apply' | 'node-remove',
  seen: (task: Task) => void,
  body: (job: JobContext) => Promise<void>,
): Promise<Task> {
  return new Tasks(seen).run({ kind, subject: 'node', title: kind }, body);
}

async function fingerprintOf(base64: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', Buffer.from(base64, 'base64'));
  return `SHA256:${Buffer.from(bytes).toString('base64').replace(/=+$/, '')}`;
}
