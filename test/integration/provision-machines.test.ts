import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { preflight } from '../../main/provision/preflight.ts';
import { problemOf } from '../../preload/contract/problem.ts';
import { type Lab, attachLab } from '../lab/lab.ts';
import { Stage } from './provision-stage.ts';

describe('every kind of server', () => {
  let lab: Lab;
  let stage: Stage;

  beforeAll(async () => {
    lab = await attachLab();
  });
  afterEach(async () => {
    await stage.remove().catch(() => undefined);
    await stage.host.close();
  });

  const serves = async (): Promise<void> => {
    const task = await stage.apply({ installEngine: stage.spec.name === 'bare' });
    expect(task.problem).toBeUndefined();
    expect(task.state).toBe('done');
    const plan = await stage.plan();
    expect(plan.steps).toEqual([]);
    expect(plan.roundTrips).toBeLessThanOrEqual(2);
    expect(await stage.ping()).toBe(200);
  };

  it('serves from a server whose user has sudo without a password', async () => {
    stage = await Stage.open(lab, 'beta', ['ghcr.io']);
    const { checks } = await preflight(stage.host, stage.spec);
    expect(checks.filter((check) => check.state !== 'ok')).toEqual([]);
    await serves();
  });

  it('says who holds the port, and leaves nothing behind when the containers cannot have it', async () => {
    stage = await Stage.open(lab, 'beta', ['ghcr.io']);
    const other = stage.machine.spawn(['openssl', 's_server', '-nocert', '-accept', '443']);
    try {
      await expect
        .poll(async () => {
          const { checks } = await preflight(stage.host, stage.spec);
          return checks.find((check) => check.id === 'port')?.problem?.message ?? '';
        })
        .toContain('openssl on beta listens on port 443');
      const task = await stage.apply();
      expect(task.problem?.code).toBe('port-taken');
      expect(task.problem?.message).toContain('All that was created on beta was removed again');
      expect(await stage.docker('ps', '-aq')).toEqual([]);
    } finally {
      other.kill();
    }
  });

  it('serves from a server whose sshd forwards no connections', async () => {
    stage = await Stage.open(lab, 'beta', ['ghcr.io']);
    const file = '/etc/ssh/sshd_config.d/no-forwarding.conf';
    await stage.machine.writeFile(file, 'AllowTcpForwarding no\n');
    await stage.machine.mustExec(['systemctl', 'reload', 'ssh']);
    try {
      await expect
        .poll(async () => {
          await stage.reconnect();
          return stage.host.connect(22).then(
            () => 'connected',
            (error: unknown) => problemOf(error).code,
          );
        })
        .toBe('port-forward-refused');
      await serves();
    } finally {
      await stage.machine.mustExec(['rm', file]);
      await stage.machine.mustExec(['systemctl', 'reload', 'ssh']);
      await stage.reconnect();
    }
  });

  it('serves from Docker 20.10 and Compose 1 behind a sudo password, with images it got by SSH', async () => {
    stage = await Stage.open(lab, 'gamma', ['docker.io']);
    stage.images = {
      registry: { ...stage.images.registry, reference: 'registry.invalid/registry:3.1.1' },
      envoy: { ...stage.images.envoy, reference: 'registry.invalid/envoy:1.40.0' },
    };
    await serves();
    const [image] = await stage.docker('inspect', '--format', '{{.Config.Image}}', 'mirrorfleet_envoy_1');
    expect(image).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await stage.remove()).state).toBe('done');
    expect(await stage.docker('image', 'ls', '-aq')).toEqual([]);
  });

  it('refuses a server without an engine with the way out, and installs the packages when asked to', async () => {
    stage = await Stage.open(lab, 'bare', ['docker.io']);
    await withoutEngine(stage);
    const { checks } = await preflight(stage.host, stage.spec);
    expect(checks.find((check) => check.id === 'engine')?.problem?.hint).toContain(
      'mirrorfleet node apply bare --install-engine',
    );
    await expect(stage.plan()).rejects.toMatchObject({ problem: { code: 'engine-missing' } });
    const [first] = (await stage.plan({ installEngine: true })).steps;
    expect(first).toMatchObject({ action: 'install', because: { code: 'no-engine' } });
    await serves();
  });

  it('serves from a server with 1 GB of memory and a small disk, and says that they are small', async () => {
    stage = await Stage.open(lab, 'small', ['docker.io']);
    const { checks } = await preflight(stage.host, stage.spec);
    expect(checks.find((check) => check.id === 'disk')).toMatchObject({
      state: 'warning',
      problem: { code: 'disk-tight' },
    });
    await serves();
  });
});

/** An earlier run in the same lab may have installed it. */
async function withoutEngine({ machine }: Stage): Promise<void> {
  if ((await machine.exec(['sh', '-c', 'command -v docker'])).code !== 0) return;
  await machine.mustExec(
    ['sh', '-c', 'apt-get purge -y -q docker.io docker-cli docker-compose containerd runc && rm -rf /var/lib/docker/*'],
    {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    },
  );
}
