/** How the three lines are told apart without colour, which means state: by weight and dash. In the order of the chart's series. */
export const lineStyles = [
  { id: 'cached', colour: '--mf-ink', width: 2, dash: undefined },
  { id: 'uncached', colour: '--mf-ink', width: 1.25, dash: [6, 4] },
  { id: 'direct', colour: '--mf-ink-dim', width: 1.5, dash: [1.5, 3] },
] as const;
