import type { ChildProcess } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buildPagesIfOld } from '../../main/endpoints/build-pages.ts';
import { Secret } from '../../main/log/secret.ts';
import { Vault } from '../../main/store/vault.ts';
import { keyFile } from '../../main/store/vault-key.ts';
import { mustRun } from '../lab/command.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { openTab } from '../pages/browser.ts';
import { addressIn, browserAtLaptop, goTo } from './page-reader.ts';
import { forgetImages, hostKeyOf, mirrorfleet, Product, type Said } from './product.ts';
import { type Find, SecretHunt } from './secret-hunt.ts';

/**
 * Every secret that the product is given or makes is used as it is meant to be, and badly; then it is looked for in every place where
 * something could have been left of it. What each of them may be found in is said in `allowed` below.
 */
let lab: Lab;
let laptop: Machine;
let gamma: Machine;
let product: Product;
let hunt: SecretHunt;
let core: ChildProcess;
let browser: Browser;
let openBefore: { readonly laptop: readonly string[]; readonly gamma: readonly string[] };

/** A secret that nothing else looks like, and that each way of quoting writes in another way. */
const made = (): string => `${randomBytes(8).toString('hex')}"\\w%p+/ ${randomBytes(8).toString('hex')}`;
const typed = {
  'SSH password of the server': made(),
  'passphrase of the SSH key': made(),
  'sudo password of this computer': made(),
  'passphrase of the vault': made(),
  'a wrong password': made(),
};
const sshPassword = typed['SSH password of the server'];
const passphrase = typed['passphrase of the SSH key'];
const sudo = typed['sudo password of this computer'];
const vaultPassphrase = typed['passphrase of the vault'];
const wrong = typed['a wrong password'];
const secrets = new Map<string, Buffer>(Object.entries(typed).map(([name, text]) => [name, Buffer.from(text)]));

/** Sets the password of a login, without it standing on a command line. */
const setPassword = (machine: Machine, password: string): Promise<string> =>
  machine.mustExec(['chpasswd'], { input: `${machine.user}:${password}\n` });

/** Runs a command with these lines on its standard input; all it says is looked through in the end. */
async function say(words: readonly string[], ...lines: string[]): Promise<Said> {
  const said = await product.run(words, { input: lines.map((line) => `${line}\n`).join(''), timeoutMs: 280_000 });
  hunt.hear(`mirrorfleet ${words.join(' ')}`, `${said.stdout}\n${said.stderr}`);
  return said;
}
async function must(words: readonly string[], ...lines: string[]): Promise<string> {
  const said = await say(words, ...lines);
  expect(said.code, `${words.join(' ')}\n${said.stdout}\n${said.stderr}`).toBe(0);
  return said.stdout;
}
const fails = async (code: string, words: readonly string[], ...lines: string[]): Promise<void> => {
  const said = await say(words, ...lines);
  expect(said.code, `${words.join(' ')}\n${said.stdout}\n${said.stderr}`).not.toBe(0);
  expect(said.stdout + said.stderr).toContain(code);
};

/** Starts the core with pages, opens its vault with `passphrase` where it has one, and gives the printed address. */
async function startCore(vault?: string): Promise<string> {
  // A bug of ours, at a moment that the test chooses.
  core = laptop.spawn([...mirrorfleet, 'serve'], {
    user: 'dev',
    env: { MIRRORFLEET_HOME: product.home, NODE_OPTIONS: '--import=/home/dev/secrets-bug.mjs' },
  });
  let text = '';
  const address = await new Promise<string>((found, fail) => {
    for (const stream of [core.stdout, core.stderr])
      stream?.on('data', (part: Buffer) => {
        text += part.toString();
        if (text.includes('Ctrl-C')) found(addressIn(text));
      });
    core.once('close', () => {
      // The address is what this command is for; all else that it says is looked through.
      hunt.hear('mirrorfleet serve', text.replaceAll(/#token=\S+/g, ''));
      fail(new Error(`the core ended:\n${text}`));
    });
  });
  secrets.set(`token of the address ${secrets.size}`, Buffer.from(new URL(address).hash.slice('#token='.length)));
  if (vault !== undefined) await must(['settings', 'unlock', '--passphrase-stdin'], vault);
  return address;
}

async function signalCore(signal: string): Promise<void> {
  const ended = new Promise((done) => core.once('close', done));
  await laptop.mustExec(['sh', '-c', `kill -${signal} $(pgrep -u dev -f "cli.ts serve")`]);
  await ended;
}

beforeAll(async () => {
  await buildPagesIfOld();
  lab = await attachLab();
  [laptop, gamma] = await Promise.all([lab.machine('laptop'), lab.machine('gamma')]);
  await lab.internet.gate.clear();
  await lab.internet.gate.restore();
  await forgetImages(laptop);
  product = new Product(laptop, 'story-secrets');
  await laptop.mustExec(['su', 'dev', '-c', 'cd; podman info >/dev/null']);
  await Promise.all([setPassword(gamma, sshPassword), setPassword(laptop, sudo)]);
  const folder = mkdtempSync(join(lab.state.dir, 'key-'));
  await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', passphrase, '-C', 'secrets-locked', '-f', `${folder}/key`]);
  await laptop.writeFile('/home/dev/.ssh/secrets_locked', readFileSync(`${folder}/key`), 0o600);
  await laptop.writeFile('/home/dev/.ssh/secrets_locked.pub', readFileSync(`${folder}/key.pub`), 0o644);
  await gamma.mustExec(['sh', '-c', 'cat >>/home/pat/.ssh/authorized_keys'], {
    input: readFileSync(`${folder}/key.pub`),
  });
  rmSync(folder, { recursive: true });
  await laptop.writeFile(
    '/home/dev/.ssh/config',
    `Host by-password\n  HostName ${gamma.ip}\n  User pat\n  IdentityFile ~/.ssh/none-here\n  IdentitiesOnly yes\n`,
  );
  await laptop.writeFile(
    '/home/dev/secrets-bug.mjs',
    "process.on('SIGUSR2', () => { throw new Error('a bug of ours'); });\n",
    0o644,
  );
  await laptop.mustExec(['chown', '-R', 'dev:', '/home/dev/.ssh']);
  openBefore = { laptop: await openToOthers(laptop), gamma: await openToOthers(gamma) };
  hunt = new SecretHunt(lab, [laptop, gamma]);
});

afterAll(async () => {
  await browser?.close();
  await lab.internet.gate.clear();
  await product.run(['switch', 'all', 'direct', '--yes', '--sudo-password-stdin'], { input: `${sudo}\n` });
  await product.run(['node', 'remove', 'gamma', '--yes']);
  core?.kill();
  await Promise.all([setPassword(gamma, gamma.password ?? ''), setPassword(laptop, laptop.password ?? '')]);
  await laptop.exec(['sh', '-c', 'rm -rf /home/dev/.ssh/secrets_* /home/dev/.ssh/config /home/dev/secrets-bug.mjs']);
  await gamma.exec(['sed', '-i', '/secrets-locked$/d', '/home/pat/.ssh/authorized_keys']);
});

test('every secret is used, well and badly, in a core that crashes in between', async () => {
  await must(['settings', 'vault', 'passphrase', '--passphrase-stdin'], vaultPassphrase);
  await startCore();
  await fails('vault-key-wrong', ['settings', 'unlock', '--passphrase-stdin'], wrong);
  await must(['settings', 'unlock', '--passphrase-stdin'], vaultPassphrase);
  const add = ['node', 'add', 'gamma', 'by-password', '--accept-host-key', await hostKeyOf(gamma), '--password-stdin'];
  await fails('ssh-password-wrong', add, wrong);
  expect(await must([...add, '--sudo-password-stdin'], sshPassword, wrong)).toContain('sudo');
  await must([...add, '--sudo-password-stdin'], sshPassword, sshPassword);
  const locked = [
    'node',
    'add',
    'locked',
    `pat@${gamma.ip}`,
    '--key',
    '/home/dev/.ssh/secrets_locked',
    '--passphrase-stdin',
  ];
  const accepted = [...locked, '--accept-host-key', await hostKeyOf(gamma)];
  await fails('ssh-passphrase-wrong', accepted, wrong);
  await must([...accepted, '--sudo-password-stdin'], passphrase, sshPassword);
  await lab.internet.gate.fault('docker.io', { kind: 'status', status: 503, repository: 'envoyproxy/envoy' });
  await fails('✕', ['node', 'apply', 'gamma', '--yes']);
  await lab.internet.gate.clear();
  await signalCore('USR2');
  await startCore(vaultPassphrase);
  await must(['node', 'apply', 'gamma', '--yes']);
  const change = ['switch', 'all', 'gamma', '--yes', '--sudo-password-stdin'];
  await fails('sudo-password-wrong', ['switch', 'docker', 'gamma', '--yes', '--sudo-password-stdin'], wrong);
  await must(change, sudo);
  await laptop.mustExec(['docker', 'pull', 'nginx:alpine'], { user: 'dev', timeoutMs: 60_000 });
  await signalCore('KILL');
  await startCore(vaultPassphrase);
});

test('a page sees what it needs, and every call that shows something shows it', async () => {
  browser = await browserAtLaptop(lab);
  const { page } = await openTab(browser);
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => hunt.hear('a frame to the page', payload.toString())),
  );
  page.on('response', (answer) => {
    const { pathname } = new URL(answer.url());
    // The one answer that holds a secret is the session itself, for the page that showed the address's token.
    if (pathname === '/session')
      void answer.json().then((session) => secrets.set('session of the page', Buffer.from(z.string().parse(session))));
  });
  const address = addressIn(await product.must(['serve']));
  secrets.set(`token of the address ${secrets.size}`, Buffer.from(new URL(address).hash.slice('#token='.length)));
  await page.goto(address);
  await page.getByRole('navigation').waitFor();
  for (const number of [1, 2, 3, 4, 5] as const) await goTo(page, number);
  for (const words of [
    'status',
    'node list',
    'node show gamma',
    'node plan gamma',
    'activity',
    'settings show',
    'settings vault key-file',
  ])
    await must([...words.split(' '), '--json']);
  expect(secrets.has('session of the page')).toBe(true);
});

/** Sockets that take connections or datagrams from elsewhere than this computer itself, with their programs. */
async function openToOthers(machine: Machine): Promise<string[]> {
  const lines = (await machine.mustExec(['ss', '-Hltunp'])).trim().split('\n');
  return lines.flatMap((line) => {
    const [kind, , , , local = '', , program = ''] = line.trim().split(/\s+/);
    const ours = `${kind} ${local} ${/"([^"]+)"/.exec(program)?.[1]}`;
    return /^(127\.|\[::1\]|\[::ffff:127\.)/.test(local) ? [] : [ours];
  });
}

test('nothing of it can be reached from elsewhere but the edge of the server', async () => {
  const more = async (machine: Machine, before: readonly string[]): Promise<string[]> =>
    (await openToOthers(machine)).filter((each) => !before.includes(each)).toSorted();
  expect(await laptop.mustExec(['ss', '-Hltnp'])).toContain('127.0.0.1');
  expect(await more(laptop, openBefore.laptop)).toEqual([]);
  expect(await more(gamma, openBefore.gamma)).toEqual(['tcp 0.0.0.0:443 docker-proxy', 'tcp [::]:443 docker-proxy']);
});

const sealed = z.object({ key: z.string() });
/** What the vault keeps of what the product made itself, read as a person with the key file could. */
async function madeByProduct(): Promise<void> {
  const folder = mkdtempSync(join(lab.state.dir, 'vault-'));
  for (const name of ['vault.json', 'vault.key'])
    writeFileSync(join(folder, name), await laptop.readFile(`${product.home}/config/${name}`), { mode: 0o600 });
  const vault = new Vault(folder);
  vault.open(keyFile(join(folder, 'vault.key')));
  const number = (name: string): Buffer => {
    const pem = sealed.parse(JSON.parse(vault.get(name)?.reveal() ?? '{}')).key;
    return Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d ?? '', 'base64url');
  };
  secrets.set('key of the vault', Buffer.from(readFileSync(join(folder, 'vault.key'), 'utf8').trim(), 'base64'));
  secrets.set('key of the private CA', number('certificates/authority'));
  secrets.set('client key', number('certificates/client'));
  secrets.set('key of the edge', number('certificates/server/gamma'));
  secrets.set('token of the metrics', Buffer.from(vault.get('metrics/gamma')?.reveal() ?? ''));
  expect(vault.get('node/gamma/password')).toEqual(new Secret(sshPassword));
  rmSync(folder, { recursive: true });
}

/** Where a secret may be found: the places by what they are called, and for files the mode and the owner that they must have. */
const allowed: readonly { readonly secret: string; readonly place: RegExp; readonly mode: string }[] = [
  { secret: 'key of the vault', place: /^laptop:\/home\/dev\/story-secrets\/config\/vault\.key$/, mode: '600 1001' },
  { secret: 'client key', place: /^laptop:\/etc\/docker\/certs\.d\/[^/]+\/client\.key$/, mode: '600 0' },
  { secret: 'client key', place: /^laptop:\/etc\/containerd\/certs\.d\/[^/]+\/client\.key$/, mode: '600 0' },
  {
    secret: 'client key',
    place: /^laptop:\/home\/dev\/\.config\/containers\/certs\.d\/[^/]+\/client\.key$/,
    mode: '600 1001',
  },
  { secret: 'key of the edge', place: /^gamma:\/opt\/mirrorfleet\/envoy\/sds\/server_cert\.yaml$/, mode: '440 0' },
  { secret: 'token of the metrics', place: /^gamma:\/opt\/mirrorfleet\/envoy\/xds\/metrics\.yaml$/, mode: '440 0' },
];

test('nothing is left of any of them but where it has to be, closed to others', async () => {
  await madeByProduct();
  // As short a life each as sudo's or a shell's on a server.
  for (let at = 0; at < 20; at += 1) await gamma.mustExec(['sh', '-c', 'sleep 0.03; :', `canary-${at}`]);
  await laptop.writeFile('/var/log/secrets-canary', `{"password":${JSON.stringify(wrong)}}`);
  const { finds, commands } = await hunt.end(secrets);
  const shortLives = new Set(commands.flatMap((command) => /^sh -c sleep \S+ : (canary-\d+)$/.exec(command)?.[1] ?? []))
    .size;
  const fine = ({ secret, where, mode }: Find): boolean =>
    allowed.some((each) => each.secret === secret && each.place.test(where) && each.mode === mode);
  console.log(
    `${commands.length} command lines and environments, ${shortLives} of 20 short lives seen; ${secrets.size} secrets:\n${[...secrets.keys()].join(', ')}\n${finds.map(({ secret, where, mode }) => `${secret} in ${where} ${mode ?? ''}`).join('\n')}`,
  );
  expect(shortLives).toBeGreaterThan(10);
  const canary = finds.filter(({ where }) => where === 'laptop:/var/log/secrets-canary');
  expect(canary).toHaveLength(1);
  expect(finds.filter((find) => !canary.includes(find) && !fine(find))).toEqual([]);
  for (const { secret, place } of allowed)
    expect(
      finds.some((find) => find.secret === secret && place.test(find.where)),
      place.source,
    ).toBe(true);
});
