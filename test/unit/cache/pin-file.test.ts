import { beforeEach, describe, expect, it } from 'vitest';
import { addPins, readPins, removePins } from '../../../main/cache/pin-file.ts';
import type { Command, Host, ReplaceOptions } from '../../../main/hosts/host.ts';
import { ProblemError } from '../../../preload/contract/problem.ts';
import { hexOf } from './cache-model.ts';

const spec = { name: 'tokyo', base: '/srv/mirrors' };
let file: string | undefined;
let asked: Command[];
let written: { readonly path: string; readonly text: string; readonly options: ReplaceOptions }[];
/** What happens before each write: another computer's change, or a fault. */
let before: (() => void)[];
let code: number;
const host = {
  run: async (command: Command) => {
    asked.push(command);
    if (file !== undefined && code === 0) command.onOutput?.(Buffer.from(file));
    return { code: code === 0 && file === undefined ? 44 : code, stdout: '', stderr: '' };
  },
  replaceFile: async (path: string, bytes: Uint8Array, options: ReplaceOptions) => {
    before.shift()?.();
    const expected = file === undefined ? 'absent' : hexOf(file);
    if (options.expect !== expected)
      throw new ProblemError({ code: 'file-changed', message: 'It changed.', hint: '', retryable: true });
    file = Buffer.from(bytes).toString();
    written.push({ path, text: file, options });
  },
} as unknown as Host;

beforeEach(() => {
  file = '# ours\nnginx:1\nghcr.io/a/b\n';
  asked = [];
  written = [];
  before = [];
  code = 0;
});

describe('the pins of a node', () => {
  it('are read as root from the folder of the node', async () => {
    expect(await readPins(host, spec)).toEqual(['docker.io/library/nginx:1', 'ghcr.io/a/b']);
    expect(asked).toMatchObject([{ elevated: true }]);
    expect(asked[0]?.argv.slice(0, 2)).toEqual(['sh', '-c']);
    expect(asked[0]?.argv.slice(3)).toEqual(['sh', '/srv/mirrors']);
  });

  it('are none where there is no file, and the first one makes it', async () => {
    file = undefined;
    expect(await readPins(host, spec)).toEqual([]);
    expect(await addPins(host, spec, ['nginx'])).toEqual(['docker.io/library/nginx']);
    expect(written).toMatchObject([{ path: '/srv/mirrors/pins', options: { mode: 0o644, elevated: true } }]);
    expect(file).toMatch(/^# Images that Mirrorfleet never prunes[^]*\ndocker\.io\/library\/nginx\n$/);
  });

  it('are not written where nothing changes', async () => {
    expect(await addPins(host, spec, ['nginx:1'])).toEqual(['docker.io/library/nginx:1', 'ghcr.io/a/b']);
    expect(await removePins(host, spec, [])).toEqual(['docker.io/library/nginx:1', 'ghcr.io/a/b']);
    expect(written).toEqual([]);
  });

  it('get several at once, one a line', async () => {
    await addPins(host, spec, ['redis', 'quay.io/x/y:2']);
    expect(file).toBe('# ours\nnginx:1\nghcr.io/a/b\ndocker.io/library/redis\nquay.io/x/y:2\n');
  });

  it('lose what is unpinned, by whatever name', async () => {
    expect(await removePins(host, spec, ['docker.io/nginx:1'])).toEqual(['ghcr.io/a/b']);
    expect(file).toBe('# ours\nghcr.io/a/b\n');
  });

  it('stay as they are where one of those to unpin is none of them, and it is named', async () => {
    const unpinning = removePins(host, spec, ['nginx:1', 'redis', 'ghcr.io/a/c']);
    await expect(unpinning).rejects.toMatchObject({
      problem: {
        code: 'not-pinned',
        message: 'Not pinned on tokyo: docker.io/library/redis, ghcr.io/a/c. Nothing was changed.',
        hint: 'See what is: mirrorfleet cache pins tokyo',
      },
    });
    expect(written).toEqual([]);
  });

  it.each([['add', addPins] as const, ['remove', removePins] as const])(
    'stay as they are where something to %s is no image',
    (_, change) => {
      expect(() => change(host, spec, ['nginx:1', 'no image'])).toThrow(
        expect.objectContaining({
          problem: expect.objectContaining({
            code: 'input-invalid',
            message: '"no image" is no image and no repository; nothing was changed.',
            hint: expect.stringContaining('docker.io/library/nginx:alpine'),
          }),
        }),
      );
      expect(asked).toEqual([]);
    },
  );

  it('get the change on top of what another computer wrote at the same moment', async () => {
    before = [
      () => {
        file = 'redis\n';
      },
    ];
    expect(await addPins(host, spec, ['nginx'])).toEqual(['docker.io/library/redis', 'docker.io/library/nginx']);
    expect(file).toBe('redis\ndocker.io/library/nginx\n');
  });

  it('are left alone after the third time that another computer was faster', async () => {
    let others = 0;
    const other = (): void => {
      others += 1;
      file = `# ${others}\n`;
    };
    before = [other, other, other, other];
    await expect(addPins(host, spec, ['nginx'])).rejects.toMatchObject({ problem: { code: 'file-changed' } });
    expect([others, file, written]).toEqual([3, '# 3\n', []]);
  });

  it.each([
    ['a full disk', new ProblemError({ code: 'disk-full', message: 'Full.', hint: '', retryable: false })],
    ['a bug', new TypeError('not a problem')],
  ])('are tried once where writing ends in %s', async (_, fault) => {
    let tries = 0;
    const fails = (): void => {
      tries += 1;
      throw fault;
    };
    before = [fails, fails];
    await expect(addPins(host, spec, ['nginx'])).rejects.toBe(fault);
    expect(tries).toBe(1);
  });

  it('cannot be read where the node was never set up', async () => {
    code = 10;
    await expect(readPins(host, spec)).rejects.toMatchObject({ problem: { code: 'node-not-applied' } });
  });
});
