import type { MirrorEndpoint } from '../../../main/runtimes/runtime.ts';
import { createAuthority, issueClient } from '../../../main/certificates/authority.ts';

const authority = await createAuthority();
const client = await issueClient(authority, { name: 'dev@laptop' });

/** The node that the plans of all engines point at, with real certificates. */
export const tokyo: MirrorEndpoint = {
  node: 'tokyo',
  authority: 'tokyo.example',
  upstreams: ['docker.io', 'ghcr.io', 'registry.k8s.io'],
  ca: authority.certificate,
  clientCertificate: client.certificate,
  clientKey: client.key,
};
