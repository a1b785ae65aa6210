import type { ImageSource } from '../../../preload/contract/node.ts';

export type ImageError = 'reference-empty' | 'reference-wrong' | 'archive-relative';

/** `[host[:port]/]path[:tag][@digest]`, the form that Docker and the registries agree on. */
const reference =
  /^(?:[a-zA-Z0-9.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** An image's source as typed, or which field is wrong. The archive is a file of the computer on which the core runs, so it is named whole. */
export function imageSourceOf(typed: {
  readonly reference: string;
  readonly archive: string;
}): { readonly source: ImageSource } | { readonly error: ImageError } {
  const name = typed.reference.trim();
  const archive = typed.archive.trim();
  if (name === '') return { error: 'reference-empty' };
  if (!reference.test(name)) return { error: 'reference-wrong' };
  if (archive !== '' && !/^(\/|[A-Za-z]:\\)/.test(archive)) return { error: 'archive-relative' };
  return { source: { reference: name, ...(archive === '' ? {} : { archive }) } };
}
