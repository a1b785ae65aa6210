import about from '../package.json' with { type: 'json' };

/** This program's version, from its package file. */
export const version: string = about.version;
