import { discoveryFile } from './yaml-file.ts';
import { contentHash } from './yaml-file.ts';
import type { NodeFilesInput } from './node-files.ts';

const secretType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

/**
 * The edge's certificate and key in one file: one rename replaces both at once, and a pair that does not match is refused while the old
 * one goes on. Its version is the certificate's hash; the key takes no part in what is readable from outside.
 */
export function serverSecretFile(server: NodeFilesInput['server']): string {
  const secret = {
    '@type': secretType,
    name: 'server_cert',
    tls_certificate: {
      certificate_chain: { inline_string: server.chain },
      private_key: { inline_string: server.key.reveal() },
    },
  };
  return discoveryFile("The edge's certificate and key.", [secret], contentHash(server.chain));
}

/** Who may come in: certificates of the private CA that are not on its revocation list. */
export function clientsSecretFile(input: Pick<NodeFilesInput, 'clientCa' | 'crl'>): string {
  const secret = {
    '@type': secretType,
    name: 'clients',
    validation_context: { trusted_ca: { inline_string: input.clientCa }, crl: { inline_string: input.crl } },
  };
  return discoveryFile('The CA whose client certificates are let in, and those it revoked.', [secret]);
}
