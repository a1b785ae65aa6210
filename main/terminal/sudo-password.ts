import { problemIn } from '../endpoints/client.ts';
import { NeedsAnswer, type Session, triesAllowed } from './session.ts';

/** Runs a call that may turn out to need this computer's sudo password; asks for it then, and again where it was wrong. */
export async function withSudoPassword<T>(
  session: Session,
  first: string | undefined,
  call: (password: { sudoPassword?: string }) => Promise<T>,
): Promise<T> {
  let sudoPassword = first;
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(sudoPassword === undefined ? {} : { sudoPassword });
    } catch (error) {
      const problem = problemIn(error);
      if (!problem || !['sudo-password-needed', 'sudo-password-wrong'].includes(problem.code) || tries >= triesAllowed)
        throw error;
      // The attempt that only found this out is not worth a place on the screen.
      if (session.output.live) session.output.redraw([]);
      const secret = await session.prompt.secret(
        `Password for sudo on this computer${problem.code === 'sudo-password-wrong' ? ' (the last one was wrong)' : ''}`,
      );
      if (!secret) throw new NeedsAnswer(problem, { cause: error });
      sudoPassword = secret.reveal();
    }
  }
}
