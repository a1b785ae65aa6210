import { afterAll, beforeEach, expect, describe, test } from 'vitest';
import { attachLab } from '../lab/lab.ts';
import { HelperDialog, helperProgram, planned } from './helper-dialog.ts';

/** What is sent to the helper that runs as root by somebody who wants its memory, or sends what no plan ever was. */
const lab = await attachLab();
const laptop = await lab.machine('laptop');
const daemon = '/etc/docker/daemon.json';
const direct = [lab.state.node, helperProgram];
const shell = (script: string): Promise<string> => laptop.mustExec(['sh', '-ec', script]);

beforeEach(() =>
  shell(
    `rm -rf /etc/docker /var/lib/mirrorfleet; mkdir -m 755 /etc/docker /var/lib/mirrorfleet; printf '{}' >${daemon}`,
  ),
);
afterAll(() => shell('rm -rf /etc/docker /var/lib/mirrorfleet; mkdir -m 755 /etc/docker'));

describe('input without end', () => {
  /** Feeds `chunk` to the helper as often as it takes, reading no answer, and gives the megabytes it took and its largest memory in MB. */
  const feed = async (chunk: string, total: string): Promise<{ taken: number; memory: number; code: number }> => {
    const program = `
import json, os, resource, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
child.stdin.write(b'{"verb":"hello"}\\n')
child.stdout.readline()
chunk = ${chunk}
taken = 0
try:
    while taken < ${total}: taken += child.stdin.write(chunk)
    child.stdin.close()
except BrokenPipeError: pass
while child.stdout.read(65536): pass
code = child.wait()
print(json.dumps({'taken': taken / 1e6, 'memory': resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 'code': code}))
`;
    return JSON.parse(await laptop.mustExec(['python3', '-c', program, ...direct])) as {
      taken: number;
      memory: number;
      code: number;
    };
  };
  const floods: readonly (readonly [string, string, string])[] = [
    ['a line of a gigabyte', "b'x' * 65536", '1 << 30'],
    ['a gigabyte of zeros', "b'\\0' * 65536", '1 << 30'],
    ['a gigabyte of empty lines', "b'\\n' * 65536", '1 << 30'],
    [
      'a gigabyte of questions whose answers nobody reads',
      'b\'{"verb":"status","paths":["/etc/docker/daemon.json"]}\\n\' * 1200',
      '1 << 30',
    ],
  ];
  test.each(floods)('%s ends the helper and not the memory', async (_, chunk, total) => {
    const { taken, memory, code } = await feed(chunk, total);
    console.log(`it took ${taken.toFixed(1)} MB and ${memory.toFixed(0)} MB of memory`);
    expect(code).toBe(1);
    expect(taken).toBeLessThan(16);
    expect(memory).toBeLessThan(220);
    expect(await shell(`cat ${daemon}`)).toBe('{}');
  });

  test('JSON of a million brackets, keys of Object and bytes of zero are refused with few words', async () => {
    const helper = await HelperDialog.start(laptop, direct);
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    const keyed = '{"a":'.repeat(400_000) + '1' + '}'.repeat(400_000);
    const lines = [
      deep,
      keyed,
      `{"verb":"apply","id":"backup-deep","files":[${deep}]}`,
      `{"verb":"apply","id":"backup-deep","files":${keyed}}`,
      `{"__proto__":{"verb":"status"},"verb":"apply"}`,
      `{"verb":"apply","id":"backup-nul\\u0000","files":[]}`,
      JSON.stringify({ verb: 'apply', id: 'backup-nul', files: [planned(`${daemon}\0.txt`, 'absent', 'x')] }),
      JSON.stringify({ verb: 'status', paths: [`${daemon}\0`] }),
      '{"verb":"status"\0}',
    ];
    for (const line of lines) {
      const answer = await helper.ask(line);
      expect(answer.ok).toBe(false);
      expect(JSON.stringify(answer).length).toBeLessThan(400);
    }
    await helper.close();
    expect(await shell(`cat ${daemon}; find /etc/docker /var/lib/mirrorfleet -type f`)).toBe(`{}${daemon}\n`);
  });
});
