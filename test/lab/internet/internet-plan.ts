import type { CertificateFiles } from './lab-authority.ts';
import type { UpstreamName } from './upstreams.ts';

/** What the gate's process is told: `plan.json` in the internet's folder. */
export interface InternetPlan {
  readonly address: string;
  /** Log name → command line of the programs that run beside the gate. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  readonly certificates: readonly (readonly [UpstreamName, CertificateFiles])[];
  /** Served as `http://deb.debian.org/`. */
  readonly debDir?: string | undefined;
}
