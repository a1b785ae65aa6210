import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cacheListSchema, prunePreviewSchema } from '../../preload/contract/cache.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import { snapshotSchema } from '../../preload/contract/live.ts';
import { planSchema, preflightSchema } from '../../preload/contract/node.ts';
import { problemSchema } from '../../preload/contract/problem.ts';
import { switchPreviewSchema } from '../../preload/contract/runtime.ts';
import { nodeViewSchema } from '../../preload/contract/status.ts';
import { taskSchema } from '../../preload/contract/task.ts';
import { createProgram } from '../../main/terminal/program.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { hostKeyOf, Product } from './product.ts';
import { Terminal } from './terminal.ts';

let lab: Lab;
let laptop: Machine;
let alpha: Machine;
let gamma: Machine;
let product: Product;

beforeAll(async () => {
  lab = await attachLab();
  [laptop, alpha, gamma] = await Promise.all([lab.machine('laptop'), lab.machine('alpha'), lab.machine('gamma')]);
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  product = await newProduct('cli');
  await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, '--accept-host-key', await hostKeyOf(alpha)]);
  await product.must(['node', 'apply', 'alpha', '--yes']);
});

afterAll(async () => {
  await lab.internet.gate.clear();
  await product.run(['node', 'remove', 'alpha', '--yes']);
  await alpha.exec(['sed', '-i', '/cli-locked$/d', '/root/.ssh/authorized_keys']);
  await laptop.exec([
    'sh',
    '-c',
    'rm -rf /home/dev/cli* /home/dev/.ssh/config /home/dev/.ssh/known_hosts /home/dev/.ssh/cli_*',
  ]);
});

/** A product of its own settings, whose vault is open. */
async function newProduct(home: string): Promise<Product> {
  const made = new Product(laptop, home);
  await made.must(['settings', 'vault', 'key-file']);
  return made;
}

const problemOn = (stderr: string) => z.object({ problem: problemSchema }).parse(JSON.parse(stderr)).problem;

describe('Results as JSON', () => {
  test.each([
    ['node list', z.array(nodeViewSchema).length(1)],
    ['node preflight alpha', preflightSchema],
    ['node plan alpha', planSchema],
    ['node apply alpha --yes', z.object({ plan: planSchema, task: taskSchema.optional() })],
    ['status', snapshotSchema],
    ['cache list alpha', cacheListSchema],
    ['cache prune alpha --all --dry-run', z.object({ preview: prunePreviewSchema })],
    ['switch docker alpha --dry-run', z.object({ preview: switchPreviewSchema })],
    ['settings show', settingsSchema],
  ])('%s prints one value of the contract and nothing else', async (words, schema) => {
    for (const place of [
      [...words.split(' '), '--json'],
      ['--json', ...words.split(' ')],
    ].slice(0, words === 'node list' ? 2 : 1)) {
      const said = await product.run(place);
      expect(said).toMatchObject({ code: 0, stderr: '' });
      expect(schema.parse(JSON.parse(said.stdout))).toBeDefined();
    }
  });

  test('what went wrong is one Problem on standard error, and standard output stays empty', async () => {
    const said = await product.run(['--json', 'node', 'plan', 'nowhere']);
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(problemOn(said.stderr)).toMatchObject({ code: 'node-unknown', hint: 'Nodes are: alpha.' });
    const usage = await product.run(['frobnicate', '--json']);
    expect(usage).toMatchObject({ code: 2, stdout: '' });
    expect(problemOn(usage.stderr).code).toBe('usage');
    const question = await product.run(['node', 'remove', 'alpha', '--json']);
    expect(question).toMatchObject({ code: 3, stdout: '' });
    expect(problemOn(question.stderr).code).toBe('confirmation-needed');
  });
});

describe('Exit codes', () => {
  test.each([
    [0, 'node list', ''],
    [1, 'cache list nowhere', 'node-unknown'],
    [2, 'frobnicate', "unknown command 'frobnicate'"],
    [2, 'node', 'Usage: mirrorfleet node'],
    [2, 'node add Tokyo root@h', 'beginning with a letter'],
    [2, 'node add tokyo root@h --port https', 'A port is a number'],
    [2, 'node add tokyo root@h --upstream docker..io,/', 'is no registry'],
    [2, 'cache prune alpha', 'input-invalid'],
    [2, 'cache prune alpha --older-than soon', 'A span is a number'],
    [2, 'switch podman-desktop alpha', 'Allowed choices'],
    [3, 'node remove alpha', 'confirmation-needed'],
  ])('%i for: %s', async (code, words, told) => {
    const said = await product.run(words.split(' '));
    expect(said.code, said.stderr).toBe(code);
    expect(said.stderr).toContain(told);
    if (code !== 0) expect(said.stdout).toBe('');
  });
});

describe('Help and completion', () => {
  const program = createProgram(
    '0',
    async () => {},
    async () => {},
    () => {},
  );
  const leaves = (command: Command, path: readonly string[]): string[][] =>
    command.commands.length === 0
      ? [[...path]]
      : command.commands.flatMap((each) => leaves(each, [...path, each.name()]));

  test('every command teaches by examples', async () => {
    const all = leaves(program, []);
    expect(all.length).toBeGreaterThan(12);
    for (const words of all) {
      const said = await product.run([...words, '--help']);
      expect(said.code).toBe(0);
      expect(said.stdout, words.join(' ')).toContain('Examples:');
    }
  });

  test('bash, zsh and fish take the script and complete with it', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = await product.must(['completion', shell]);
      await laptop.writeFile(`/home/dev/cli-completion.${shell}`, script, 0o644);
    }
    const bash = await laptop.mustExec(
      [
        'bash',
        '-c',
        '. ~/cli-completion.bash; COMP_WORDS=(mirrorfleet cache pr); COMP_CWORD=2; _mirrorfleet; echo "$COMPREPLY"',
      ],
      { user: 'dev' },
    );
    expect(bash.trim()).toBe('prune');
    const fish = await laptop.mustExec(
      [
        'fish',
        '-c',
        'source ~/cli-completion.fish; complete -C "mirrorfleet node "; echo; complete -C "mirrorfleet node add tokyo root@h --ju"',
      ],
      { user: 'dev' },
    );
    expect(fish).toMatch(/^apply\tmake the server what the plan says$/m);
    expect(fish).toMatch(/^--jump\t/m);
    expect(fish).not.toMatch(/^serve\t/m);
    const zsh = new Terminal(laptop, ['zsh', '-f', '-i']);
    try {
      zsh.line('PS1="ready> "; autoload -Uz compinit; compinit -D; source ~/cli-completion.zsh; echo o""k');
      await zsh.see(/ok[\s%]+ready>/);
      zsh.type('mirrorfleet sett\t');
      await zsh.see(/mirrorfleet settings/);
      zsh.type(' va\t');
      await zsh.see(/vault/);
    } finally {
      zsh.kill();
    }
  });
});

describe('Progress', () => {
  const narrow = ['--upstream', 'docker.io,ghcr.io'];

  test('in a pipe each step is one plain line', async () => {
    await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`, ...narrow]);
    const said = await product.run(['node', 'apply', 'alpha', '--yes']);
    expect(said.code, said.stderr).toBe(0);
    expect(said.stderr).toMatch(/^✓ Look at the server$/m);
    expect(said.stderr + said.stdout).not.toContain('\u001b');
  });

  test('on a terminal the steps are redrawn in place', async () => {
    await product.must(['node', 'add', 'alpha', `root@${alpha.ip}`]);
    const screen = product.type(['node', 'apply', 'alpha']);
    await screen.see(/Apply these \d+ steps to alpha\?.*\[y\/N\]/);
    screen.line('y');
    expect(await screen.ended()).toBe(0);
    // Up over what was drawn, and cleared from there.
    expect(screen.raw).toContain('A\u001b[J');
    expect(screen.screen).toContain('▸');
    expect(screen.screen).toContain('alpha serves.');
  });
});

describe('Questions on a terminal', () => {
  test('the host key is shown and asked about; no is an answer', async () => {
    const mine = await newProduct('cli-key');
    const words = ['node', 'add', 'gamma', `pat@${gamma.ip}`];
    const no = mine.type(words);
    await no.see(new RegExp((await hostKeyOf(gamma)).replaceAll('+', '\\+')));
    await no.see(/Is it the right one\?.*\[y\/N\]/);
    no.line('n');
    expect(await no.ended()).toBe(1);
    expect(await mine.must(['node', 'list'])).toContain('No node yet');
    const interrupted = mine.type(words);
    await interrupted.see(/\[y\/N\]/);
    interrupted.type('\u0003');
    expect(await interrupted.ended()).toBe(130);
    const yes = mine.type(words);
    await yes.see(/\[y\/N\]/);
    yes.line('y');
    await yes.see(/Password for sudo on the server \(gamma\):/);
    yes.line('not-it');
    await yes.see(/the last one was wrong.*:/);
    yes.line(gamma.password ?? '');
    expect(await yes.ended()).toBe(0);
    expect(yes.screen).not.toContain(gamma.password);
    expect(yes.screen).not.toContain('not-it');
    expect(yes.screen).toContain('✓ Rights');
  });

  test('a server that takes no key asks for its password, again when it was wrong', async () => {
    await laptop.mustExec(
      ['sh', '-c', 'rm -f ~/.ssh/cli_strange*; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/cli_strange'],
      { user: 'dev' },
    );
    await sshConfig(
      `Host gamma-password\n  HostName ${gamma.ip}\n  User pat\n  IdentityFile ~/.ssh/cli_strange\n  IdentitiesOnly yes\n`,
    );
    const mine = await newProduct('cli-password');
    const screen = mine.type(['node', 'add', 'gamma', 'gamma-password', '--accept-host-key', await hostKeyOf(gamma)]);
    await screen.see(/SSH password \(gamma\):/);
    screen.line('wrong-guess');
    await screen.see(/SSH password \(the last one was wrong\) \(gamma\):/);
    screen.line(gamma.password ?? '');
    await screen.see(/Password for sudo/);
    screen.line(gamma.password ?? '');
    expect(await screen.ended()).toBe(0);
    expect(screen.screen).not.toContain(gamma.password);
    expect(screen.screen).not.toContain('wrong-guess');
    const files = await laptop.mustExec(['sh', '-c', `cat $(find ${mine.home} -type f)`]);
    expect(files).not.toContain(gamma.password);
  });

  test('a locked key asks for its passphrase, and so does a locked vault', async () => {
    await laptop.mustExec(
      [
        'sh',
        '-c',
        'rm -f ~/.ssh/cli_locked*; ssh-keygen -q -t ed25519 -N "open sesame" -C cli-locked -f ~/.ssh/cli_locked',
      ],
      { user: 'dev' },
    );
    const key = await laptop.readFile('/home/dev/.ssh/cli_locked.pub');
    await alpha.mustExec(['sh', '-c', 'cat >> /root/.ssh/authorized_keys'], { input: key });
    const mine = new Product(laptop, 'cli-locked');
    const vault = mine.type(['settings', 'vault', 'passphrase']);
    await vault.see(/New passphrase for the vault:/);
    vault.line('correct horse');
    await vault.see(/The same again:/);
    vault.line('correct horse');
    expect(await vault.ended()).toBe(0);
    const locked = await mine.run(['node', 'add', 'second', `root@${alpha.ip}`]);
    expect(locked).toMatchObject({ code: 3 });
    expect(locked.stderr).toContain('vault-locked');
    await sshConfig(`Host alpha-locked\n  HostName ${alpha.ip}\n  User root\n`);
    const screen = mine.type([
      'node',
      'add',
      'second',
      'alpha-locked',
      '--key',
      '/home/dev/.ssh/cli_locked',
      '--accept-host-key',
      await hostKeyOf(alpha),
    ]);
    await screen.see(/Passphrase of the vault:/);
    screen.line('incorrect');
    await screen.see(/Passphrase of the vault \(the last one was wrong\):/);
    screen.line('correct horse');
    await screen.see(/Passphrase of the SSH key \(second\):/);
    screen.line('shut');
    await screen.see(/Passphrase of the SSH key \(the last one was wrong\) \(second\):/);
    screen.line('open sesame');
    expect(await screen.ended()).toBe(0);
    for (const secret of ['correct horse', 'open sesame', 'incorrect', 'shut'])
      expect(screen.screen).not.toContain(secret);
  });
});

describe('SSH as it is configured', () => {
  test('a Host alias brings address, user, port and key; a hashed known_hosts answers for its key', async () => {
    await gamma.mustExec(['systemd-run', '--quiet', '--unit', 'cli-sshd', '/usr/sbin/sshd', '-D', '-p', '2222']);
    await sshConfig(`Host web\n  HostName ${gamma.ip}\n  User pat\n  Port 2222\n  IdentityFile ~/.ssh/id_ed25519\n`);
    await laptop.mustExec(
      [
        'sh',
        '-c',
        // The second sshd may still be starting.
        `rm -f ~/.ssh/known_hosts; until [ -s ~/.ssh/known_hosts ]; do ssh-keyscan -p 2222 ${gamma.ip} > ~/.ssh/known_hosts 2>/dev/null; done; ssh-keygen -q -H -f ~/.ssh/known_hosts; rm -f ~/.ssh/known_hosts.old; ! grep -F ${gamma.ip} ~/.ssh/known_hosts`,
      ],
      { user: 'dev' },
    );
    const mine = await newProduct('cli-alias');
    const said = await mine.must(['node', 'add', 'web', 'web', '--sudo-password-stdin'], {
      input: `${gamma.password}\n`,
    });
    expect(said).toContain('✓ Rights');
    const [node] = z.array(nodeViewSchema).parse(await mine.json(['node', 'list']));
    expect(node?.address).toBe(gamma.ip);
    await laptop.exec(['rm', '-f', '/home/dev/.ssh/known_hosts']);
    await gamma.exec(['systemctl', 'stop', 'cli-sshd']);
  });

  test('a jump host, by ProxyJump and by --jump, with both host keys asked about', async () => {
    await sshConfig(`Host inner\n  HostName ${gamma.ip}\n  User pat\n  ProxyJump root@${alpha.ip}\n`);
    const mine = await newProduct('cli-jump');
    const screen = mine.type(['node', 'add', 'inner', 'inner']);
    await screen.see(new RegExp(`${alpha.ip.replaceAll('.', '\\.')} shows`));
    await screen.see(/\[y\/N\]/);
    screen.line('y');
    await screen.see(new RegExp(`${gamma.ip.replaceAll('.', '\\.')} shows`));
    await screen.see(/\[y\/N\]/);
    screen.line('y');
    await screen.see(/Password for sudo/);
    screen.line(gamma.password ?? '');
    expect(await screen.ended()).toBe(0);
    const keys = `${await hostKeyOf(alpha)},${await hostKeyOf(gamma)}`;
    const named = await mine.run(
      [
        'node',
        'add',
        'named',
        `pat@${gamma.ip}`,
        '--jump',
        `root@${alpha.ip}`,
        '--key',
        '/home/dev/.ssh/id_ed25519',
        '--accept-host-key',
        keys,
        '--sudo-password-stdin',
      ],
      { input: `${gamma.password}\n` },
    );
    expect(named.code, named.stderr).toBe(0);
  });

  test('the agent holds the key', async () => {
    await sshConfig(`Host by-agent\n  HostName ${alpha.ip}\n  User root\n  IdentityFile ~/.ssh/none-here\n`);
    await laptop.mustExec(
      [
        'sh',
        '-c',
        'ssh-agent -a /tmp/cli-agent.sock >/dev/null && SSH_AUTH_SOCK=/tmp/cli-agent.sock ssh-add -q ~/.ssh/id_ed25519',
      ],
      { user: 'dev' },
    );
    const mine = await newProduct('cli-agent');
    const words = ['node', 'add', 'byagent', 'by-agent', '--accept-host-key', await hostKeyOf(alpha)];
    expect((await mine.run(words)).stderr).toMatch(/ssh-(login-refused|password-needed)/);
    const said = await mine.run(words, { env: { SSH_AUTH_SOCK: '/tmp/cli-agent.sock' } });
    expect(said.code, said.stderr).toBe(0);
    await laptop.exec(['sh', '-c', 'pkill -u dev ssh-agent; rm -f /tmp/cli-agent.sock']);
  });

  test('a host key that changed is refused with both fingerprints', async () => {
    const mine = await newProduct('cli-changed');
    const before = await hostKeyOf(gamma);
    await mine.must(['node', 'add', 'gamma', `pat@${gamma.ip}`, '--accept-host-key', before, '--sudo-password-stdin'], {
      input: `${gamma.password}\n`,
    });
    const turn = 'systemctl restart ssh';
    await gamma.mustExec([
      'sh',
      '-ec',
      `cd /etc/ssh; mkdir cli-kept; mv ssh_host_* cli-kept/; ssh-keygen -q -t ed25519 -N "" -f ssh_host_ed25519_key; ${turn}`,
    ]);
    try {
      const said = await mine.run(['node', 'plan', 'gamma']);
      expect(said).toMatchObject({ code: 1, stdout: '' });
      expect(said.stderr).toContain('host-key-changed');
      expect(said.stderr).toContain(before);
      expect(said.stderr).toContain(await hostKeyOf(gamma));
    } finally {
      await gamma.mustExec(['sh', '-ec', `cd /etc/ssh; rm -f ssh_host_*; mv cli-kept/* .; rmdir cli-kept; ${turn}`]);
    }
  });
});

describe('A running core', () => {
  test('serves this user alone, once, and every command goes through it', async () => {
    const core = product.start(['serve', '--headless']);
    const socket = `${product.home}/run/core.sock`;
    const said = spoken(core);
    await said.until('The core runs');
    expect((await laptop.mustExec(['stat', '-c', '%a %U', socket])).trim()).toBe('600 dev');
    expect((await laptop.mustExec(['stat', '-c', '%a', `${product.home}/run`])).trim()).toBe('700');
    const stranger = await laptop.exec([
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'python3',
      '-c',
      `import socket; socket.socket(socket.AF_UNIX).connect(${JSON.stringify(socket)})`,
    ]);
    expect(stranger.stderr).toContain('PermissionError');
    const second = await product.run(['serve', '--headless']);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain('core-running');
    expect(await product.must(['node', 'list'])).toContain('alpha');
    const both = await Promise.all([
      product.run(['status']),
      product.run(['cache', 'list', 'alpha']),
      product.run(['node', 'plan', 'alpha']),
    ]);
    expect(both.map((each) => each.code)).toEqual([0, 0, 0]);

    // A change made by one command is on the screen of another within a quarter of a second.
    const watcher = product.start(['--json', 'status', '--watch', '--no-refresh']);
    const seen = spoken(watcher);
    await seen.until('"alpha"');
    const adding = product.run(['cache', 'prune', 'alpha', '--all', '--grace', '0s', '--yes', '--json']);
    await seen.until('"kind":"prune"');
    const seenAt = Date.now();
    const done = await adding;
    expect(done.code, done.stderr).toBe(0);
    const { task } = z.object({ task: taskSchema }).parse(JSON.parse(done.stdout));
    console.log(`a change was seen by another process after ${seenAt - task.startedAt} ms`);
    expect(seenAt - task.startedAt).toBeLessThan(250);

    const gone = new Promise<number | null>((resolve) => core.once('close', (code) => resolve(code)));
    await laptop.mustExec(['sh', '-c', `kill -TERM $(pgrep -u dev -f "cli.ts serve --headless")`]);
    await gone;
    expect((await laptop.exec(['test', '-e', socket])).code).toBe(1);
    // Who watched is told that the core is gone, instead of looking at a picture that stands still.
    await seen.until('core-gone');
    expect((await product.run(['node', 'list'])).code).toBe(0);
  });

  test('a core that was killed leaves nothing that stops the next', async () => {
    const core = product.start(['serve', '--headless']);
    await spoken(core).until('The core runs');
    await laptop.mustExec(['sh', '-c', `kill -KILL $(pgrep -u dev -f "cli.ts serve --headless")`]);
    await new Promise((resolve) => core.once('close', resolve));
    expect((await laptop.exec(['test', '-e', `${product.home}/run/core.sock`])).code).toBe(0);
    expect(await product.must(['node', 'list'])).toContain('alpha');
    const next = product.start(['serve', '--headless']);
    await spoken(next).until('The core runs');
    next.kill('SIGKILL');
  });

  test('two commands at once wait for each other where no core runs', async () => {
    const both = await Promise.all([
      product.run(['node', 'plan', 'alpha']),
      product.run(['node', 'list']),
      product.run(['cache', 'list', 'alpha']),
    ]);
    for (const each of both) expect(each.code, each.stderr).toBe(0);
  });

  test('a status that stays on the screen is a core for the commands beside it', async () => {
    const watcher = product.start(['status', '--watch', '--json']);
    const seen = spoken(watcher);
    await seen.until('"alpha"');
    const plan = await product.run(['node', 'plan', 'alpha']);
    expect(plan.code, plan.stderr).toBe(0);
    const prune = await product.run(['cache', 'prune', 'alpha', '--all', '--grace', '0s', '--yes']);
    expect(prune.code, prune.stderr).toBe(0);
    watcher.kill('SIGKILL');
    await new Promise((resolve) => watcher.once('close', resolve));
    expect(await product.must(['node', 'list'])).toContain('alpha');
  });
});

describe('Ctrl-C', () => {
  test('during an apply cancels it, says what it left and ends with 130; the next apply finishes', async () => {
    const mine = await newProduct('cli-stop');
    await mine.must(
      ['node', 'add', 'gamma', `pat@${gamma.ip}`, '--accept-host-key', await hostKeyOf(gamma), '--sudo-password-stdin'],
      { input: `${gamma.password}\n` },
    );
    await lab.internet.gate.fault('docker.io', {
      kind: 'slow',
      bytesPerSecond: 100_000,
      repository: 'library/registry',
    });
    const screen = mine.type(['node', 'apply', 'gamma', '--yes']);
    await screen.see(/▸ Bring the image docker\.io\/library\/registry/);
    screen.type('\u0003');
    await screen.see(/Stopping in order/);
    expect(await screen.ended()).toBe(130);
    expect(screen.screen).toMatch(/"Apply gamma" was stopped after "Make folders"/);
    expect(screen.screen).toContain('Finish it: mirrorfleet node apply gamma');
    await lab.internet.gate.clear();
    expect(await mine.must(['node', 'apply', 'gamma', '--yes'])).toContain('gamma serves.');
    await mine.must(['node', 'remove', 'gamma', '--yes']);
  });

  test('while looking ends at once', async () => {
    const screen = product.type(['status', '--watch']);
    await screen.see(/alpha/);
    screen.type('\u0003');
    expect(await screen.ended(5000)).toBe(130);
  });
});

async function sshConfig(text: string): Promise<void> {
  await laptop.writeFile('/home/dev/.ssh/config', text, 0o644);
}

/** What a running command says, and a way to wait for a part of it. */
function spoken(child: ReturnType<Product['start']>): { until(part: string): Promise<void> } {
  let text = '';
  let wake = (): void => {};
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      wake();
    });
  return {
    async until(part) {
      const deadline = Date.now() + 30_000;
      while (!text.includes(part)) {
        const left = deadline - Date.now();
        if (left <= 0) throw new Error(`"${part}" was not said:\n${text}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}
