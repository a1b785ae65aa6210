import { expect, test } from 'vitest';
import { Identities, type SecretShelf } from '../../../main/certificates/identities.ts';
import type { Secret } from '../../../main/log/secret.ts';

const day = 86_400_000;

function shelf(): SecretShelf & { names(): string[] } {
  const kept = new Map<string, Secret>();
  return {
    get: (name) => kept.get(name),
    put: (name, secret) => void kept.set(name, secret),
    remove: (name) => void kept.delete(name),
    names: () => [...kept.keys()],
  };
}

test('everything stays the same between calls and after a restart', async () => {
  const kept = shelf();
  const first = new Identities(kept, 'dev@laptop');
  const all = async (from: Identities) => [
    await from.authorityCertificate(),
    (await from.client()).fingerprint,
    (await from.server('tokyo', ['203.0.113.7'])).fingerprint,
    await from.revocationList(),
  ];
  const before = await all(first);
  expect(await all(first)).toEqual(before);
  expect(await all(new Identities(kept, 'dev@laptop'))).toEqual(before);
});

test('two first uses at the same time make one authority', async () => {
  const identities = new Identities(shelf(), 'dev@laptop');
  const [one, two] = await Promise.all([identities.authorityCertificate(), identities.authorityCertificate()]);
  expect(one).toBe(two);
});

test('a server certificate is issued anew for other names and when it ends soon', async () => {
  const kept = shelf();
  let now = Date.parse('2026-01-01');
  const identities = new Identities(kept, 'dev@laptop', () => new Date(now));
  const first = await identities.server('tokyo', ['a.example']);
  expect((await identities.server('tokyo', ['b.example'])).fingerprint).not.toBe(first.fingerprint);
  const second = await identities.server('tokyo', ['b.example']);
  now += 330 * day;
  expect((await identities.server('tokyo', ['b.example'])).fingerprint).toBe(second.fingerprint);
  now += 10 * day;
  expect((await identities.server('tokyo', ['b.example'])).fingerprint).not.toBe(second.fingerprint);
});

test("a node's metrics token is 32 random bytes that stay, are no other node's, and go with the node", async () => {
  const kept = shelf();
  const identities = new Identities(kept, 'dev@laptop');
  const [first, again] = await Promise.all([identities.metricsToken('tokyo'), identities.metricsToken('tokyo')]);
  expect(first.reveal()).toMatch(/^[\w-]{43}$/);
  expect(again.reveal()).toBe(first.reveal());
  expect((await new Identities(kept, 'dev@laptop').metricsToken('tokyo')).reveal()).toBe(first.reveal());
  expect((await identities.metricsToken('osaka')).reveal()).not.toBe(first.reveal());
  identities.forgetServer('tokyo');
  expect(kept.names()).toEqual(['metrics/osaka']);
  expect((await identities.metricsToken('tokyo')).reveal()).not.toBe(first.reveal());
});
