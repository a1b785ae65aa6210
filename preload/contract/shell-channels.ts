/** The channels between a window and its shell. One name for both halves; the page never sees them. */
export const shellChannels = {
  stateChanged: 'mirrorfleet:state-changed',
  connect: 'mirrorfleet:connect',
  port: 'mirrorfleet:port',
  place: 'mirrorfleet:place',
  prefer: 'mirrorfleet:prefer',
  reveal: 'mirrorfleet:reveal',
  copy: 'mirrorfleet:copy',
  openLink: 'mirrorfleet:open-link',
  startCore: 'mirrorfleet:start-core',
} as const;
