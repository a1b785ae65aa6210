import { request } from 'node:http';
import { fail } from '../../preload/contract/problem.ts';
import type { Host } from './host.ts';

const defaultTimeout = 10_000;
const largest = 8 * 1024 * 1024;

/**
 * One plain HTTP GET to a port that only the machine itself can reach, such as a node's metrics on its loopback. Problems:
 * `port-forward-refused`, `http-failed` (no or half an answer, over 8 MiB, or later than `timeoutMs`).
 */
export async function openHttp(
  host: Pick<Host, 'connect' | 'name'>,
  port: number,
  path: string,
  timeoutMs = defaultTimeout,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
  const stream = await host.connect(port);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await new Promise((resolve, reject) => {
      const asked = request(
        {
          createConnection: () => stream,
          path,
          signal,
          headers: { ...headers, host: '127.0.0.1', connection: 'close' },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > largest) answer.destroy(new Error(`more than ${largest} bytes`));
            else chunks.push(chunk);
          });
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
          answer.on('error', reject);
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  } catch (error) {
    return fail(
      {
        code: 'http-failed',
        message: `Port ${port} on ${host.name} gave no proper answer to ${path} (${signal.aborted ? `nothing within ${timeoutMs} ms` : error instanceof Error ? error.message : String(error)}).`,
        hint: 'The service behind it may be starting or stuck; look at its log.',
        retryable: true,
      },
      { cause: error },
    );
  } finally {
    stream.destroy();
  }
}
