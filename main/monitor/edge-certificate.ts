import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { EdgeTarget } from './probe.ts';

const dayMs = 86_400_000;
const timeoutMs = 5_000;

/** Days until the edge's certificate ends; undefined where it could not be seen. */
export type ReadCertificateDays = (target: EdgeTarget, now: number, signal: AbortSignal) => Promise<number | undefined>;

/**
 * Whole days until the certificate ends that the edge shows to this computer; undefined where no trusted connection comes about. Asked
 * from outside, because Envoy's own figure (`days_until_first_cert_expiring`) is the least of everything it has loaded, the public
 * authorities for its upstreams included.
 */
export const edgeCertificateDays: ReadCertificateDays = (target, now, signal) => {
  const { hostname, port } = new URL(`https://${target.authority}`);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const { ca, certificate, key } = target.identity;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key: key.reveal() }),
    });
    const end = (days: number | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(days);
    };
    const giveUp = (): void => end(undefined);
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('error', giveUp);
    socket.once('secureConnect', () => {
      const until = Date.parse(socket.getPeerCertificate().valid_to);
      end(Number.isNaN(until) ? undefined : Math.floor((until - now) / dayMs));
    });
  });
};
