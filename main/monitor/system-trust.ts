import { getCACertificates, setDefaultCACertificates } from 'node:tls';

let trusted = false;

/**
 * Node brings its own list of public authorities; what this computer trusts besides (a company's proxy) is trusted by this process from now
 * on. Done once and only before an upstream is asked directly: reading the lists takes 40 ms.
 */
export function trustSystem(): void {
  if (trusted) return;
  trusted = true;
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}
