import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { FileChange } from '../../preload/contract/runtime.ts';

/** A value of ours that changed (a node's spec, settings) as a change of the file it lies in; undefined where it is the same. Pure. */
export function valueChange(path: string, before: unknown, after: unknown): FileChange | undefined {
  const text = (value: unknown): string => (value === undefined ? '' : `${JSON.stringify(value, null, 2)}\n`);
  const [from, to] = [text(before), text(after)];
  if (from === to) return undefined;
  const name = (value: unknown): string => (value === undefined ? '/dev/null' : path);
  return {
    path,
    action: before === undefined ? 'create' : after === undefined ? 'delete' : 'change',
    diff: createTwoFilesPatch(name(before), name(after), from, to, '', '', {
      context: 3,
      headerOptions: FILE_HEADERS_ONLY,
    }),
  };
}
