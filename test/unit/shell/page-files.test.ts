import { expect, test } from 'vitest';
import { browserPageHeaders } from '../../../main/endpoints/browser-rules.ts';
import { answerPage, isPage, type PageFiles, windowPageHeaders } from '../../../main/shell/page-files.ts';

const pages: PageFiles = new Map([
  [
    '/index.html',
    { type: 'text/html; charset=utf-8', bytes: Buffer.from('<meta nonce="MIRRORFLEET_NONCE"><b>MIRRORFLEET_NONCE') },
  ],
  ['/assets/main-abc.js', { type: 'text/javascript; charset=utf-8', bytes: Buffer.from('"MIRRORFLEET_NONCE"') }],
]);
const get = (address: string) => answerPage(pages, 'GET', address, 'n0');
const policyOf = (headers: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> =>
  new Map(
    (headers['content-security-policy'] ?? '').split('; ').map((each) => {
      const [name = '', ...sources] = each.split(' ');
      return [name, sources] as const;
    }),
  );

test('the page carries the nonce that its policy names, and is never kept', () => {
  const { status, headers, bytes } = get('mirrorfleet-app://pages/#/fleet/tokyo');
  expect(status).toBe(200);
  expect(bytes.toString()).toBe('<meta nonce="n0"><b>n0');
  expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  expect(policyOf(headers).get('style-src')).toEqual(["'self'", "'nonce-n0'"]);
});

test('a script is served as it was built', () => {
  const { headers, bytes } = get('mirrorfleet-app://pages/assets/main-abc.js');
  expect(bytes.toString()).toBe('"MIRRORFLEET_NONCE"');
  expect(headers).toEqual({ 'content-type': 'text/javascript; charset=utf-8', 'x-content-type-options': 'nosniff' });
});

test.each([
  'mirrorfleet-app://pages/../secret.txt',
  'mirrorfleet-app://pages/%2e%2e/secret.txt',
  'mirrorfleet-app://pages/assets/',
  'mirrorfleet-app://pages/index.html?x=1',
  'mirrorfleet-app://other/index.html',
  'mirrorfleet-app://pages.example/index.html',
  'file:///etc/passwd',
])('%s is not there', (address) => {
  expect(get(address)).toMatchObject({ status: 404, bytes: Buffer.alloc(0) });
});

test('nothing can be sent to the pages', () => {
  expect(answerPage(pages, 'POST', 'mirrorfleet-app://pages/', 'n0').status).toBe(405);
});

test('the page is the page at whatever place within it, and nothing else is', () => {
  for (const address of ['mirrorfleet-app://pages/', 'mirrorfleet-app://pages/index.html#/cache'])
    expect(isPage(address), address).toBe(true);
  for (const address of [
    'mirrorfleet-app://pages/assets/main-abc.js',
    'mirrorfleet-app://pages.x/',
    'https://pages/',
    '',
  ])
    expect(isPage(address), address).toBe(false);
});

test("the policy allows nothing that the browser's door does not, and no connection at all", () => {
  const [here, there] = [policyOf(windowPageHeaders('n0')), policyOf(browserPageHeaders('n0', 1))];
  expect(here.get('connect-src')).toEqual(["'none'"]);
  for (const [name, sources] of there) {
    if (name === 'connect-src') continue;
    expect([name, here.get(name)]).toEqual([name, sources]);
  }
  for (const [name, sources] of here) if (!there.has(name)) expect([name, sources]).toEqual([name, ["'none'"]]);
  const { 'content-security-policy': _here, ...others } = windowPageHeaders('n0');
  expect(browserPageHeaders('n0', 1)).toMatchObject(others);
});
