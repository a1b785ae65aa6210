import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';

/* node test/bench/lay-blobs.ts FOLDER COUNT: so many blobs of a byte, as a registry's store has them. */

const [folder = '', count = ''] = process.argv.slice(2);
const byte = Buffer.from('x');
for (let at = 0; at < 256; at += 1) mkdirSync(`${folder}/${at.toString(16).padStart(2, '0')}`, { recursive: true });
for (let at = 0; at < Number(count); at += 1) {
  const hex = createHash('sha256').update(`blob ${at}`).digest('hex');
  const place = `${folder}/${hex.slice(0, 2)}/${hex}`;
  mkdirSync(place);
  const file = openSync(`${place}/data`, 'w');
  writeSync(file, byte);
  closeSync(file);
}
