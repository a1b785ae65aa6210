import { request } from 'node:http';
import { z } from 'zod';
import { fail, type Problem, ProblemError, problemSchema } from '../../preload/contract/problem.ts';

/** Where the running core gives out addresses, on its local socket alone, which only its own user can open. */
export const addressPath = '/browser-address';

/** What is answered there. */
export const addressAnswerSchema = z.union([z.object({ address: z.string() }), z.object({ problem: problemSchema })]);

/**
 * Asks the running core for an address of its pages that works once; it opens its browser door for that where none is open, on `port`
 * where one is given. Throws what the core says (`pages-missing`, `browser-port-taken`), `core-gone` or `core-older`.
 */
export async function askForAddress(socketPath: string, port = 0): Promise<string> {
  const answer = await ask(socketPath, port);
  if (answer === undefined) {
    return fail({
      code: 'core-older',
      message: 'The core that runs is older than this program and has no pages; nothing was changed.',
      hint: 'End it and start again.',
    });
  }
  if ('problem' in answer) throw new ProblemError(answer.problem);
  return answer.address;
}

const gone: Problem = {
  code: 'core-gone',
  message: 'The running core ended before it answered.',
  hint: 'Start it again: mirrorfleet serve',
  retryable: true,
};

/** An address or a Problem is much shorter. */
const longestAnswer = 64 * 1024;

function answerIn(text: string): z.infer<typeof addressAnswerSchema> | undefined {
  try {
    return addressAnswerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function ask(socketPath: string, port: number): Promise<z.infer<typeof addressAnswerSchema> | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: `${addressPath}?port=${port}`, method: 'POST', timeout: 10_000 });
    asking.once('timeout', () => asking.destroy());
    asking.once('error', (cause) => reject(new ProblemError(gone, { cause })));
    asking.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(0, longestAnswer)));
      response.once('error', (cause) => reject(new ProblemError(gone, { cause })));
      response.once('end', () => resolve(response.statusCode === 200 ? answerIn(text) : undefined));
    });
    asking.end();
  });
}
