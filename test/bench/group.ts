import { writeFileSync } from 'node:fs';
import { attachLab } from '../lab/lab.ts';
import { groups } from './groups.ts';

/* node test/bench/group.ts NAME FILE: takes one group of figures in the lab that runs and writes them to the file. */

const [name = '', file = ''] = process.argv.slice(2);
const group = groups.find((each) => each.name === name);
if (group === undefined) throw new Error(`no figures are called ${name}`);
writeFileSync(file, JSON.stringify(await (await group.measure())(await attachLab())));
// What a failed measurement may have left open must not keep a finished one waiting.
process.exit(0);
