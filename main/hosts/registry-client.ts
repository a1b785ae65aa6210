// Placeholder for the port that probes, verification and proofs share; its owner fills it in.
export interface TlsIdentity {
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}
