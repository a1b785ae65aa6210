import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRevocationList, issueServer } from '../../main/certificates/authority.ts';
import { certificateVersionStat, clientsVersionStat, routesVersionStat } from '../../main/fleet/edge-names.ts';
import { mirrorPort } from '../../main/provision/render/container-paths.ts';
import { renderNodeFiles } from '../../main/provision/render/render-node-files.ts';
import { EdgeStand, waitFor } from './edge-stand.ts';

let stand: EdgeStand;
beforeAll(async () => {
  stand = await EdgeStand.start(['docker.io', 'ghcr.io']);
  for (const upstream of ['docker.io', 'ghcr.io']) {
    const { layer } = await stand.publish(upstream, 'org/app', 'v1', `layer of ${upstream}`);
    await stand.publish(upstream, 'org/cold', 'v1', `never pulled from ${upstream}`);
    await stand.ask(`/v2/${upstream}/org/app/manifests/v1`);
    await stand.ask(`/v2/${upstream}/org/app/blobs/${layer}`);
  }
});
afterAll(() => stand.close());

const tag = '/v2/ghcr.io/org/app/manifests/v1';
const text = (path: string) => renderNodeFiles(stand.input).find((file) => file.path === path)?.text ?? '';

describe('access', () => {
  it('is refused without a client certificate, and with one of the wrong kind', async () => {
    expect(await stand.ask('/v2/', { client: undefined })).toMatchObject({ status: 0 });
    expect(Number(await stand.stat('listener.https.ssl.fail_verify_no_cert'))).toBeGreaterThan(0);
    const server = await issueServer(stand.authority, { names: ['mirror.example'], days: 1 });
    await stand.push('server-as-client.pem', server.certificate + server.key.reveal());
    expect(await stand.ask('/v2/', { client: 'server-as-client' })).toMatchObject({ status: 0 });
  });

  it('ends for a certificate as soon as a revocation list with it is put in place, and for nobody else', async () => {
    const lost = await stand.client('lost');
    expect(await stand.ask('/v2/', { client: 'lost' })).toMatchObject({ status: 200 });
    const crl = await createRevocationList(stand.authority, [{ serial: lost.serial, at: new Date() }]);
    const clients = renderNodeFiles({ ...stand.input, crl }).find(({ path }) => path === 'envoy/sds/clients.yaml');
    const version = /version_info: "?(\w+)/.exec(clients?.text ?? '')?.[1];
    await stand.push('envoy/sds/clients.yaml', clients?.text ?? '');
    await waitFor(async () => (await stand.stat(clientsVersionStat)) === version, 'the list is live');
    await waitFor(async () => (await stand.ask('/v2/', { client: 'lost' })).status === 0, 'the lost one is refused');
    expect(await stand.ask('/v2/')).toMatchObject({ status: 200 });
  });
});

describe('changes by rename', () => {
  it('put a new server certificate to work without a restart', async () => {
    const server = await issueServer(stand.authority, { names: ['mirror.example', 'new.mirror.example'], days: 30 });
    const before = await stand.stat(certificateVersionStat);
    const file = renderNodeFiles({ ...stand.input, server }).find(({ path }) => path === 'envoy/sds/server_cert.yaml');
    await stand.push('envoy/sds/server_cert.yaml', file?.text ?? '');
    await waitFor(async () => (await stand.stat(certificateVersionStat)) !== before, 'the certificate is live');
    await waitFor(async () => (await stand.ask('/v2/', { host: 'new.mirror.example' })).status === 200, 'it is served');
  });

  it('that Envoy does not understand are refused, and the old routes go on', async () => {
    const before = await stand.stat(routesVersionStat);
    await stand.push('envoy/xds/rds.yaml', text('envoy/xds/rds.yaml').replace('virtual_hosts:', 'virtual_hostz:'));
    await waitFor(async () => (await stand.stat('http.https.rds.edge.update_rejected')) !== '0', 'the file is refused');
    expect(await stand.ask(tag)).toMatchObject({ status: 200, headers: { 'x-edge-rev': before } });
    await stand.push('envoy/xds/rds.yaml', text('envoy/xds/rds.yaml'));
    expect(await stand.output('envoy')).toContain('virtual_hostz');
  });
});

describe('an upstream', () => {
  it('is taken away and put back without a restart, while the others go on', async () => {
    const files = ['metrics', 'rds', 'lds', 'cds'].map((name) => `envoy/xds/${name}.yaml`);
    const spec = { ...stand.input.spec, upstreams: ['docker.io'] };
    const fewer = renderNodeFiles({ ...stand.input, spec });
    const started = await stand.stat('server.uptime');
    for (const path of files) await stand.push(path, fewer.find((file) => file.path === path)?.text ?? '');
    await waitFor(async () => (await stand.ask(tag)).status === 404, 'ghcr.io is gone');
    await waitFor(
      async () => (await stand.metrics('/registry/ghcr.io/metrics')).status === 404,
      'its figures are gone',
    );
    for (const path of files.toReversed()) await stand.push(path, text(path));
    await waitFor(async () => (await stand.ask(tag)).status === 200, 'ghcr.io is back');
    expect(Number(await stand.stat('server.uptime'))).toBeGreaterThanOrEqual(Number(started));
    expect(await stand.stat('listener_manager.lds.update_rejected')).toBe('0');
  });

  it('that is merely slow gives a first pull, not a 404 of the twin', async () => {
    stand.signal('upstream docker.io', 'SIGSTOP');
    const answer = stand.ask('/v2/docker.io/org/cold/manifests/v1');
    await waitFor(
      async () => Number(await stand.stat('cluster.docker_io_twin.upstream_rq_total')) > 0,
      'the twin was asked',
    );
    stand.signal('upstream docker.io', 'SIGCONT');
    expect(await answer).toMatchObject({ status: 200 });
  });

  it('is told nothing about who asks it through the node', async () => {
    await stand.stop('upstream ghcr.io');
    const names = ['-cert', '/etc/stand/ghcr.io.pem', '-key', '/etc/stand/ghcr.io.key'];
    const listen = ['openssl', 's_server', '-quiet', '-naccept', '1', '-accept', '127.0.2.2:443', ...names];
    const heard = stand.run(['sh', '-c', 'mkfifo /etc/stand/silence; "$@" <>/etc/stand/silence', 'listen', ...listen]);
    await waitFor(async () => (await stand.run(['ss', '-Hltn'])).stdout.includes('127.0.2.2:443'), 'somebody listens');
    await stand.ask('/.mirrorfleet/upstream/ghcr.io/v2/', { more: ['-m', '2', '-H', 'Authorization: Bearer given'] });
    const lines = (await heard).stdout.split('\r\n').map((line) => line.toLowerCase());
    expect(lines).toContain('authorization: bearer given');
    const headers = lines
      .slice(1)
      .map((line) => line.split(':')[0])
      .filter((name) => name !== '');
    expect(new Set(headers)).toEqual(new Set(['accept', 'authorization', 'host', 'user-agent']));
    stand.startUpstream('ghcr.io');
    await waitFor(async () => (await stand.curl('https://ghcr.io/v2/')).status === 200, 'it is back');
  });
});

describe('what is cached', () => {
  it('is served while the upstream is down, and what is not cached is a clear answer', async () => {
    await stand.stop('upstream ghcr.io');
    expect(await stand.ask(tag)).toMatchObject({ status: 200 });
    expect(await stand.ask('/v2/ghcr.io/org/cold/manifests/v1')).toMatchObject({ status: 404 });
    expect(await stand.ask('/.mirrorfleet/upstream/ghcr.io/v2/')).toMatchObject({ status: 503 });
    stand.startUpstream('ghcr.io');
    await waitFor(async () => (await stand.ask('/v2/ghcr.io/org/cold/manifests/v1')).status === 200, 'it is back');
  });

  it('is served within 4 s while the upstream hangs, in between at once, and the other upstream notices nothing', async () => {
    stand.signal('upstream ghcr.io', 'SIGSTOP');
    onTestFinished(() => stand.signal('upstream ghcr.io', 'SIGCONT'));
    const first = await stand.ask(tag);
    expect(first).toMatchObject({ status: 200 });
    expect(first.seconds).toBeGreaterThan(2.5);
    expect(first.seconds).toBeLessThan(4);
    expect(await stand.logLine(first.headers['x-edge-id'])).toMatchObject({ cluster: 'ghcr_io_manifest', tries: 2 });
    // Two timeouts in a row have the mirror stepped over, until Envoy's next look finds its storage well: within that moment it may be asked again.
    const seconds: number[] = [];
    while (seconds.length < 8 && !seconds.some((each) => each < 0.5)) seconds.push((await stand.ask(tag)).seconds);
    expect(seconds.filter((each) => each >= 4)).toEqual([]);
    expect(seconds.at(-1)).toBeLessThan(0.5);
    expect((await stand.ask('/v2/docker.io/org/app/manifests/v1')).seconds).toBeLessThan(0.5);
  });

  it('is served to a dozen who ask at once while the upstream hangs, not only to the first three', async () => {
    stand.signal('upstream docker.io', 'SIGSTOP');
    const asked = Array.from({ length: 12 }, () => stand.ask('/v2/docker.io/org/app/manifests/v1'));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    stand.signal('upstream docker.io', 'SIGCONT');
  });

  it('is served by the twin while the mirror is dead, each upstream with its own content', async () => {
    await stand.stop('mirror ghcr.io');
    const answer = await stand.ask(tag);
    expect(answer).toMatchObject({ status: 200 });
    const { layers } = JSON.parse(answer.body) as { layers: [{ digest: string }] };
    expect(await stand.ask(`/v2/ghcr.io/org/app/blobs/${layers[0].digest}`)).toMatchObject({
      status: 200,
      body: 'layer of ghcr.io',
    });
    expect(Number(await stand.stat('cluster.ghcr_io_twin.upstream_rq_total'))).toBeGreaterThan(0);
    await stand.stop('mirror docker.io');
    // Waits for docker.io's mirror in vain; 404 where the twin has the last word, as it has while the mirror is stepped over.
    const foreign = await stand.ask(`/v2/docker.io/org/app/blobs/${layers[0].digest}`);
    expect([404, 503]).toContain(foreign.status);
    expect(foreign.seconds).toBeLessThan(25);
    stand.startRegistry('ghcr.io');
    stand.startRegistry('docker.io');
    await waitFor(
      async () => (await stand.stat('cluster.ghcr_io_last.membership_healthy')) === '1',
      'the mirror is back',
    );
  });

  it('is not missed for what is not: a first pull waits for a mirror that fell and is being started again', async () => {
    const fresh = await stand.publish('docker.io', 'org/fallen', 'v1', 'asked for while its mirror starts again');
    await stand.stop('mirror docker.io');
    const paths = ['manifests/v1', `manifests/${fresh.manifest}`, `blobs/${fresh.layer}`];
    const asked = [...paths, ...paths, ...paths].map((path) => stand.ask(`/v2/docker.io/org/fallen/${path}`));
    const before = Number(await stand.stat('cluster.docker_io_last.upstream_cx_connect_fail'));
    await waitFor(
      async () => Number(await stand.stat('cluster.docker_io_last.upstream_cx_connect_fail')) > before,
      'the mirror is looked for',
    );
    stand.startRegistry('docker.io');
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
  });

  it("is never another upstream's, not even while two mirrors that fell are at each other's address", async () => {
    await stand.publish('docker.io', 'org/foreign', 'v1', 'only at docker.io');
    expect((await stand.ask('/v2/docker.io/org/foreign/manifests/v1')).status).toBe(200);
    const right = (await stand.ask(tag)).body;
    for (const name of ['docker.io', 'ghcr.io']) await stand.stop(`mirror ${name}`);
    const places = [
      ['docker.io', 'ghcr.io'],
      ['ghcr.io', 'docker.io'],
    ] as const;
    for (const [name, whose] of places) stand.startRegistry(name, whose);
    for (const [name, whose] of places)
      await waitFor(
        async () => (await stand.curl(`http://${stand.addressOf(whose)}:${mirrorPort(name)}/`)).status === 200,
        `${name} answers where ${whose} did`,
      );
    expect((await stand.ask(tag)).body).toBe(right);
    expect((await stand.ask('/v2/ghcr.io/org/foreign/manifests/v1')).status).not.toBe(200);
    for (const name of ['docker.io', 'ghcr.io']) {
      await stand.stop(`mirror ${name}`);
      stand.startRegistry(name);
      await waitFor(
        async () => (await stand.ask(`/v2/${name}/org/app/manifests/v1`)).status === 200,
        `${name} is back`,
      );
    }
  });

  it('is there again after a start of everything while no upstream answers', async () => {
    for (const name of ['envoy', 'mirror ghcr.io', 'mirror docker.io', 'mirror offline']) await stand.stop(name);
    await stand.stop('upstream docker.io');
    stand.signal('upstream ghcr.io', 'SIGSTOP');
    stand.startEnvoy();
    for (const name of ['ghcr.io', 'docker.io', 'offline']) stand.startRegistry(name);
    await waitFor(
      async () => (await stand.ask('/v2/docker.io/org/app/manifests/v1')).status === 200,
      'docker.io is served',
    );
    await waitFor(async () => (await stand.ask(tag)).status === 200, 'ghcr.io is served');
    stand.signal('upstream ghcr.io', 'SIGCONT');
  });
});
