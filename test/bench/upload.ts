import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { bringImage } from '../../main/provision/bring-images.ts';
import { Stage } from '../integration/provision-stage.ts';
import { mustRun } from '../lab/command.ts';
import type { Lab } from '../lab/lab.ts';
import { type Figure, figure, timed } from './figure.ts';

const rounds = 5;

/** An image's archive to a server over SSH as an apply brings it, beside `scp` of the same file and, for the whole way, `docker load` of it there. */
export async function measureUpload(lab: Lab): Promise<readonly Figure[]> {
  const stage = await Stage.open(lab, 'alpha');
  const { machine, spec } = stage;
  const archive = lab.internet.imageArchives.envoy;
  const megabytes = (await stat(archive)).size / 1e6;
  const ssh = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  const scp = ['scp', '-q', '-i', lab.state.keyFile, ...ssh, archive, `${spec.target.destination}:/root/bench.tar`];
  const login = ['ssh', '-i', lab.state.keyFile, ...ssh, spec.target.destination];
  const perSecond = (ms: number): number => (megabytes / ms) * 1000;
  const file = { ours: [] as number[], other: [] as number[] };
  const image = { ours: [] as number[], other: [] as number[] };
  const forget = async (): Promise<void> => {
    await machine.mustExec([
      'sh',
      '-c',
      'rm -f /root/bench.tar; rm -rf /root/bench; docker images -q | sort -u | xargs -r docker rmi -f',
    ]);
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      await forget();
      file.other.push(perSecond(await timed(() => mustRun(scp))));
      image.other.push(perSecond(await timed(async () => mustRun([...login, 'docker load -q -i /root/bench.tar']))));
      await forget();
      file.ours.push(
        perSecond(
          await timed(async () => {
            await stage.reconnect();
            const input = createReadStream(archive, { highWaterMark: 256 * 1024 });
            await stage.host.run({ argv: ['sh', '-c', 'cat >/root/bench.tar'], input, timeoutMs: 60_000 });
          }),
        ),
      );
      await forget();
      await machine.mustExec(['mkdir', '/root/bench']);
      const source = { reference: 'nowhere.invalid/envoy:1', archive };
      const report = { note: () => undefined, progress: () => undefined };
      image.ours.push(
        perSecond(
          await timed(async () => {
            await stage.reconnect();
            await bringImage(stage.host, '/root/bench', 'envoy', source, report, new AbortController().signal);
          }),
        ),
      );
    }
  } finally {
    await forget();
    await stage.host.close();
  }
  const whole = {
    ours: image.ours,
    other: image.other.map((loading, at) => 1 / (1 / loading + 1 / (file.other[at] ?? 0))),
  };
  return [
    figure({ name: 'an image archive over SSH ÷ scp', unit: 'MB/s', ...file, goal: 0.8, direction: 'at least' }),
    figure({
      name: 'an image brought by upload, until Docker has it ÷ scp and docker load',
      unit: 'MB/s',
      ...whole,
      goal: 0.8,
      direction: 'at least',
    }),
  ];
}
