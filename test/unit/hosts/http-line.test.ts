import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ProblemError, problemOf } from '../../../preload/contract/problem.ts';
import { openHttpLine } from '../../../main/hosts/http-over-host.ts';

/** A machine whose port answers every GET with its path, but never `/silent`, and breaks off at `/broken`. */
function machine() {
  const opened: Duplex[] = [];
  const connect = (): Promise<Duplex> => {
    const [ours, theirs] = duplexPair();
    theirs.on('error', () => {});
    theirs.on('data', (chunk: Buffer) => {
      const path = chunk.toString().split(' ')[1] ?? '';
      if (path === '/broken') theirs.destroy();
      else if (path !== '/silent') theirs.write(`HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`);
    });
    opened.push(ours);
    return Promise.resolve(ours);
  };
  return { opened, host: { name: 'tokyo', connect } };
}

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => problemOf(error).code,
  );

describe('questions to a port of a machine', () => {
  it('go over one connection, one after the other', async () => {
    const { opened, host } = machine();
    const line = openHttpLine(host, 9901);
    for (let at = 0; at < 9; at += 1)
      expect(await line.get(`/metrics/${at}`)).toEqual({ status: 200, body: `/metrics/${at}` });
    expect(opened).toHaveLength(1);
    line.close();
    expect(opened[0]?.destroyed).toBe(true);
  });

  it.each(['/silent', '/broken'])('are answered after one that is not (%s), over a new connection', async (path) => {
    const { opened, host } = machine();
    const line = openHttpLine(host, 9901);
    expect(await codeOf(line.get(path, 50))).toBe('http-failed');
    expect((await line.get('/stats')).body).toBe('/stats');
    expect(opened).toHaveLength(2);
    expect(opened[0]?.destroyed).toBe(true);
    line.close();
  });

  it('say why a connection was refused, and one that comes too late is closed', async () => {
    const refused = new ProblemError({ code: 'port-forward-refused', message: 'No.', hint: 'None.', retryable: true });
    const line = openHttpLine({ name: 'tokyo', connect: () => Promise.reject(refused) }, 1);
    expect(await codeOf(line.get('/stats'))).toBe('port-forward-refused');
    line.close();

    const { opened, host } = machine();
    const late = Promise.withResolvers<void>();
    const slow = openHttpLine({ name: 'tokyo', connect: () => late.promise.then(host.connect) }, 1);
    expect(await codeOf(slow.get('/stats', 20))).toBe('http-failed');
    slow.close();
    late.resolve();
    await expect.poll(() => opened[0]?.destroyed).toBe(true);
  });
});
