import { expect, test } from 'vitest';
import type { TlsIdentity } from '../../../main/hosts/registry-client.ts';
import { Secret } from '../../../main/log/secret.ts';
import { Probes } from '../../../main/monitor/probe.ts';

/** A network that wants a login: every question gets 200 and its page. */
const probes = new Probes({
  now: () => 0,
  ask: async () => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'x-envoy-upstream-service-time': '3' },
    body: '<!doctype html><h1>Please log in</h1>',
    firstByteMs: 1,
    totalMs: 2,
  }),
});
const { signal } = new AbortController();

test('an upstream that answers this computer with a web page is no registry that answers', async () => {
  const failed = { kind: 'failed', code: 'web-page', because: { code: 'answered-web-page' } };
  expect(await probes.direct('docker.io', signal)).toMatchObject(failed);
});

test('nor is one that answers the node with a web page', async () => {
  const identity: TlsIdentity = { ca: '', certificate: '', key: new Secret('') };
  const found = await probes.atUpstream({ authority: 'tokyo.example', identity }, 'docker.io', signal);
  expect(found?.answer).toMatchObject({ kind: 'silent', why: 'unreachable' });
});
