import type { Measure } from './figure.ts';

/** Some figures that are taken together. `minutes` is when they are given up. */
export interface Group {
  readonly name: string;
  readonly minutes: number;
  readonly measure: () => Promise<Measure>;
}

/** All figures, in the order in which they are taken. */
export const groups: readonly Group[] = [
  { name: 'serving', minutes: 6, measure: async () => (await import('./serving.ts')).measureServing },
  { name: 'switching', minutes: 3, measure: async () => (await import('./switching.ts')).measureSwitching },
  { name: 'layer', minutes: 3, measure: async () => (await import('./layer.ts')).measureLayer },
  { name: 'upload', minutes: 3, measure: async () => (await import('./upload.ts')).measureUpload },
  { name: 'prune', minutes: 4, measure: async () => (await import('./prune.ts')).measurePrune },
  { name: 'inventory', minutes: 10, measure: async () => (await import('./inventory.ts')).measureInventory },
  { name: 'watching', minutes: 5, measure: async () => (await import('./watching.ts')).measureWatching },
  { name: 'pages', minutes: 4, measure: async () => (await import('./pages.ts')).measurePages },
  { name: 'desktop', minutes: 7, measure: async () => (await import('./desktop.ts')).measureDesktop },
];
