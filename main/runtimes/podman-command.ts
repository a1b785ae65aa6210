import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { z } from 'zod';

/** How a podman command ended. `missing` where there is no such program. */
export interface PodmanAnswer {
  readonly code: number | 'missing' | 'killed';
  readonly stdout: string;
  readonly stderr: string;
}

/** One podman command of this user, in the C locale. */
export function askPodman(
  argv: readonly string[],
  signal: AbortSignal = AbortSignal.timeout(20_000),
): Promise<PodmanAnswer> {
  return new Promise((resolve) => {
    execFile(
      'podman',
      [...argv],
      { signal, cwd: homedir(), env: { ...process.env, LC_ALL: 'C' }, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        const missing = error !== null && String(error.code) === 'ENOENT';
        // One that was stopped, or could not be started at all, has said nothing itself.
        const why = signal.aborted ? String((signal.reason as Error).message) : (error?.message ?? '');
        resolve({
          code: code ?? (missing ? 'missing' : 'killed'),
          stdout,
          stderr: stderr.trim() === '' ? why : stderr,
        });
      },
    );
  });
}

/** The last line of what a command said, which names the failure. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

const registrySchema = z.object({
  Prefix: z.string(),
  Location: z.string().default(''),
  Insecure: z.boolean().default(false),
  Blocked: z.boolean().default(false),
  MirrorByDigestOnly: z.boolean().default(false),
  Mirrors: z
    .array(
      z.object({ Location: z.string(), Insecure: z.boolean().default(false), PullFromMirror: z.string().default('') }),
    )
    .nullish(),
});
/** One registry as podman takes it, from all its files together. */
export type PodmanRegistry = z.infer<typeof registrySchema>;

/** `podman info`, as far as a switch needs it. `registries` also holds `search`, a list of names, which is no registry. */
const infoSchema = z.object({
  host: z.object({ serviceIsRemote: z.boolean().default(false), security: z.object({ rootless: z.boolean() }) }),
  version: z.object({ Version: z.string() }),
  registries: z.record(z.string(), z.unknown()).nullish(),
});

export interface PodmanInfo {
  readonly version: string;
  readonly remote: boolean;
  readonly rootless: boolean;
  readonly registries: ReadonlyMap<string, PodmanRegistry>;
}

/** Reads the answer of `podman info --format json`. Throws a zod error for another shape. Pure. */
export function readPodmanInfo(json: string): PodmanInfo {
  const { host, version, registries } = infoSchema.parse(JSON.parse(json));
  const entries = Object.entries(registries ?? {}).flatMap(([name, value]) =>
    name === 'search' && Array.isArray(value) ? [] : [[name, registrySchema.parse(value)] as const],
  );
  return {
    version: version.Version,
    remote: host.serviceIsRemote,
    rootless: host.security.rootless,
    registries: new Map(entries),
  };
}

/** Whether this user runs `podman system service`, which keeps the configuration of its start for its whole life (HUP does nothing). */
export async function podmanServiceRuns(): Promise<boolean> {
  const uid = process.getuid?.();
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!/(^|\/)podman$/.test(argv[0] ?? '') || !argv.includes('system') || !argv.includes('service')) continue;
    if ((await stat(`/proc/${pid}`).catch(() => undefined))?.uid === uid) return true;
  }
  return false;
}
