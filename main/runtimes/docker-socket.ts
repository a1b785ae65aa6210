import { request } from 'node:http';
import { z } from 'zod';

/** Bytes of the longest answer that is kept; `docker info` has some 10 kB, a pull's progress some 100. */
const largestAnswer = 8 * 1024 * 1024;

/** An answer of the engine. Connection failures are thrown with their `code` (ENOENT, EACCES, ECONNREFUSED). */
export interface DockerAnswer {
  readonly status: number;
  readonly body: string;
}

/** One request to a Docker Engine on its local socket, without an API version: the engine's own is used. */
export function askDocker(
  socketPath: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  signal: AbortSignal = AbortSignal.timeout(10_000),
): Promise<DockerAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, signal, headers: { Host: 'docker' } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body = (body + chunk).slice(-largestAnswer);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

export const dockerVersionSchema = z.object({
  Version: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

export const dockerInfoSchema = z.object({
  OperatingSystem: z.string().default(''),
  Name: z.string().default(''),
  DockerRootDir: z.string().default(''),
  SecurityOptions: z.array(z.string()).nullish(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
  RegistryConfig: z.object({ Mirrors: z.array(z.string()).nullish() }).nullish(),
});
export type DockerInfo = z.infer<typeof dockerInfoSchema>;

const message = z.object({ message: z.string() });

/** The engine's own words for a failure. */
export function saidBy({ status, body }: DockerAnswer): string {
  try {
    return message.parse(JSON.parse(body)).message;
  } catch {
    return `status ${status}`;
  }
}
