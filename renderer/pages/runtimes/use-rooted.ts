import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Task } from '../../../preload/contract/task.ts';
import { problemOf } from '../../core/problems.ts';
import { passwordAsked, passwordAskedBy } from './switch-outcome.ts';

/**
 * Work on this computer that may need root: tried without a password first, then with the one that was typed. The password lives in the
 * field only: it is no variable of the call that anything would keep, and it is gone as soon as the call has ended.
 */
export function useRooted(call: (secret: { sudoPassword?: string }) => Promise<readonly Task[]>, done?: () => void) {
  const [password, setPassword] = useState('');
  const work = useMutation({
    mutationFn: () => call(password === '' ? {} : { sudoPassword: password }),
    onSettled: () => setPassword(''),
    onSuccess: (tasks) => {
      if (passwordAsked(tasks) === undefined) done?.();
    },
  });
  const problem = work.error === null ? undefined : problemOf(work.error);
  const asked = (work.data && passwordAsked(work.data)) ?? (problem && passwordAskedBy(problem));
  return {
    run: () => work.mutate(),
    busy: work.isPending,
    asked,
    /** What stopped the work before it began, but for a password, which is asked for instead. */
    problem: asked === undefined ? problem : undefined,
    password,
    setPassword,
  };
}
