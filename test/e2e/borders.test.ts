import type { ChildProcess } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPagesIfOld } from '../../main/endpoints/build-pages.ts';
import { attachLab, type Lab, type Machine } from '../lab/lab.ts';
import { openTab } from '../pages/browser.ts';
import { type KnownDoor, tryDoor } from './foreign-page.ts';
import { addressIn, browserAtLaptop } from './page-reader.ts';
import { mirrorfleet, Product } from './product.ts';

/** The running core's door for browsers, in a real browser that is at the same time at pages of others. */
const elsewhere = 'elsewhere.example';
const rebound = 'rebound.example';
let lab: Lab;
let laptop: Machine;
let product: Product;
let browser: Browser;
const started: ChildProcess[] = [];
let own: Page;
let door: string;
let foreignPort: string;
let known: KnownDoor;

/** Starts a program of the laptop and waits for what it says. */
function start(argv: readonly string[], wanted: RegExp): Promise<string> {
  const child = laptop.spawn(argv, { user: 'dev', env: { MIRRORFLEET_HOME: product.home } });
  started.push(child);
  let said = '';
  return new Promise((found, fail) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => {
        said += part.toString();
        if (wanted.test(said)) found(said);
      });
    child.once('close', () => fail(new Error(`it ended:\n${said}`)));
  });
}

const tokenOf = (address: string): string => new URL(address).hash.slice('#token='.length);
const newAddress = async (): Promise<string> => addressIn(await product.must(['serve']));

beforeAll(async () => {
  await buildPagesIfOld();
  lab = await attachLab();
  laptop = await lab.machine('laptop');
  product = new Product(laptop, 'story-borders');
  await product.must(['settings', 'vault', 'key-file']);
  const address = addressIn(await start([...mirrorfleet, 'serve'], /Ctrl-C/));
  door = new URL(address).origin;
  const site =
    "const server = require('node:http').createServer((asked, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title><body>')).listen(0, '127.0.0.1', () => console.log('port', server.address().port))";
  foreignPort = /port (\d+)/.exec(await start([lab.state.node, '-e', site], /port \d+/))?.[1] ?? '';
  // Both names lead to this computer itself, as a name server of somebody else may have it.
  browser = await browserAtLaptop(lab, [`--host-resolver-rules=MAP ${elsewhere} 127.0.0.1,MAP ${rebound} 127.0.0.1`]);
  own = (await openTab(browser)).page;
  const exchanged = own.waitForResponse((answer) => new URL(answer.url()).pathname === '/session');
  const script = own.waitForResponse((answer) => /\/assets\/.*\.js$/.test(new URL(answer.url()).pathname));
  await own.goto(address);
  const session = String(await (await exchanged).json());
  await own.getByRole('navigation').waitFor();
  known = { door, asset: new URL((await script).url()).pathname, token: tokenOf(await newAddress()), session };
});

afterAll(async () => {
  await browser?.close();
  for (const child of started) child.kill();
  await laptop.exec(['rm', '-rf', product.home]);
});

describe('a page of another origin', () => {
  const origins: readonly (readonly [string, () => string])[] = [
    ['of the internet', () => `http://${elsewhere}:${foreignPort}`],
    ['on another port of this computer', () => `http://127.0.0.1:${foreignPort}`],
  ];
  test.each(origins)('%s gets nothing, though it knows a good token and a session', async (_, origin) => {
    const { page, context } = await openTab(browser);
    await page.goto(origin());
    const came = await tryDoor(page.mainFrame(), known);
    expect(Object.keys(came).length).toBeGreaterThan(15);
    expect(
      Object.fromEntries(Object.entries(came).filter(([, each]) => !['refused', 'nothing'].includes(each))),
    ).toEqual({});
    expect(came).toMatchObject({
      read: 'refused',
      readFile: 'refused',
      exchange: 'refused',
      socket: 'refused',
      script: 'refused',
      module: 'refused',
    });
    // What was framed is the browser's own page that says no.
    for (const frame of page.frames().slice(1)) expect(frame.url()).not.toMatch(/^http:\/\/127.0.0.1:\d+\/(#|$)/);
    await context.close();
  });

  test('in a sandbox, whose origin is "null", gets nothing either', async () => {
    const { page, context } = await openTab(browser);
    await page.goto(`http://${elsewhere}:${foreignPort}`);
    await page.evaluate(
      `new Promise((done) => document.body.append(Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts allow-forms', src: '/in', onload: done })))`,
    );
    const [, inside] = page.frames();
    if (inside === undefined) throw new Error('no frame');
    const came = await tryDoor(inside, known);
    expect(Object.values(came).filter((each) => !['refused', 'nothing'].includes(each))).toEqual([]);
    expect(came).toMatchObject({ read: 'refused', exchange: 'refused', socket: 'refused' });
    await context.close();
  });

  test('that holds the door’s window cannot look into it', async () => {
    const { page, context } = await openTab(browser);
    await page.goto(`http://${elsewhere}:${foreignPort}`);
    const opened = context.waitForEvent('page');
    await page.evaluate(`void (held = window.open(${JSON.stringify(`${door}/#token=none`)}))`);
    await (await opened).waitForLoadState();
    expect(await page.evaluate('(() => { try { return held.document.title } catch { return "refused" } })()')).toBe(
      'refused',
    );
    // Its own policy (COOP) parts it from whoever opened it: it seems closed to them, and has no opener.
    expect(await page.evaluate('held.closed')).toBe(true);
    expect(await (await opened).evaluate('window.opener')).toBeNull();
    await context.close();
  });
});

test('a name that was turned to this computer reaches no page, no exchange and no socket', async () => {
  const { page, context } = await openTab(browser);
  const port = new URL(door).port;
  const answer = await page.goto(`http://${rebound}:${port}/#token=${known.token}`);
  expect(answer?.status()).toBe(421);
  const came = await tryDoor(page.mainFrame(), { ...known, door: `http://${rebound}:${port}` });
  const shown = Object.fromEntries(Object.entries(came).filter(([, each]) => !['refused', 'nothing'].includes(each)));
  // To the browser it is the same origin, so what it reads is the refusal.
  for (const text of Object.values(shown))
    expect(text.trim()).toMatch(/^(this is not the host that was asked for|loaded)$/);
  expect(came).toMatchObject({ socket: 'refused', script: 'refused', module: 'refused' });
  await context.close();
});

test('an address opens one tab; a second use, a made-up token and none open nothing', async () => {
  // The token that all attempts above were made with is still good: none of them used it up.
  const address = `${door}/#token=${known.token}`;
  const first = await openTab(browser);
  await first.page.goto(address);
  await first.page.getByRole('navigation').waitFor();
  await first.context.close();
  for (const again of [address, `${door}/#token=made-up`, door, `${door}/#token=`]) {
    const { page, context } = await openTab(browser);
    const sockets: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => sockets.push(payload.toString())));
    await page.goto(again);
    await page.getByText('This page has no access to the core').first().waitFor();
    expect(sockets).toEqual([]);
    await context.close();
  }
});

test('the pages run no text as a program: no inline script, no handler, no eval, no foreign script', async () => {
  const told = await own.evaluate(`new Promise((done) => {
    const told = [];
    document.addEventListener('securitypolicyviolation', (event) => told.push(event.effectiveDirective + ' ' + event.blockedURI));
    // In a task of the page's own: what a debugger runs may evaluate.
    setTimeout(() => {
      const inline = document.createElement('script');
      inline.textContent = 'window.ran = "inline"';
      const foreign = document.createElement('script');
      foreign.src = 'http://${elsewhere}:${foreignPort}/x.js';
      document.body.append(inline, foreign);
      const button = document.createElement('button');
      button.setAttribute('onclick', 'window.ran = "handler"');
      button.click();
      try { window.ran = new Function('return "function"')(); } catch {}
      try { window.ran = (0, eval)('"eval"'); } catch {}
      try { setTimeout('window.ran = "timer"'); } catch {}
      fetch('http://${elsewhere}:${foreignPort}/').catch(() => {});
      setTimeout(() => done({ ran: window.ran, told: told.toSorted() }), 500);
    });
  })`);
  expect(told).toMatchObject({
    told: expect.arrayContaining([
      `connect-src http://${elsewhere}:${foreignPort}/`,
      'script-src eval',
      'script-src-attr inline',
      'script-src-elem inline',
      `script-src-elem http://${elsewhere}:${foreignPort}/x.js`,
    ]) as unknown,
  });
  expect((told as { ran?: string }).ran).toBeUndefined();
});
