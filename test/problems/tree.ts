/** A node of a parsed source, as far as the checks of problems read it. */
export interface Tree {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && 'type' in value;

/** The nodes among what stands in a place: none, one, or those of a list. */
export const treesOf = (value: unknown): Tree[] =>
  Array.isArray(value) ? value.filter(isTree) : isTree(value) ? [value] : [];
