/** How the three lines are told apart without colour, which means state: by weight and dash, and a point that stands alone by a full or an empty dot. In the order of the chart's series. */
export const lineStyles = [
  { id: 'cached', colour: '--mf-ink', width: 2, dash: undefined, dot: 'full' },
  { id: 'uncached', colour: '--mf-ink', width: 1.25, dash: [6, 4], dot: 'ring' },
  { id: 'direct', colour: '--mf-ink-dim', width: 1.5, dash: [1.5, 3], dot: 'full' },
] as const;
