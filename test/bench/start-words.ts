import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../..');
const packageSchema = z.object({ scripts: z.object({ 'start:browser': z.string() }) });
const [, ...words] = packageSchema
  .parse(JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')))
  .scripts['start:browser'].split(' ');

/** The flags that a core which runs for long is started with. */
export const coreFlags: readonly string[] = words.filter((word) => word.startsWith('--'));

/** The core as `npm run start:browser` starts it, with the local socket as its only door. */
export const serveWords: readonly string[] = [
  `${checkout}/node_modules/.bin/node`,
  ...words.map((word) => (word.startsWith('--') ? word : join(checkout, word))),
  '--headless',
];
