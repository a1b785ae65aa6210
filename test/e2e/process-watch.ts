import { readdirSync, readFileSync } from 'node:fs';

/**
 * node process-watch.ts FOLDER...   watches the `/proc` of machines: what stands on the command line and in the environment of every
 * process, from the moment it appears. When its input ends it prints all that it saw, each once, as one JSON list of [folder, text].
 *
 * A process is read again for its first tenth of a second, in which a shell becomes the program it starts, and then once a second. One
 * that lives for less than three milliseconds may be missed; the test says how many of such it saw.
 */
const folders = process.argv.slice(2);
const lookMs = 3;
/** Looks at which a process is read: each of its first so many, and then every so-manieth. */
const [first, then] = [32, 330];

const watched = folders.map((folder) => ({ folder, texts: new Set<string>(), ages: new Map<string, number>() }));

function look({ folder, texts, ages }: (typeof watched)[number]): void {
  const pids = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  for (const gone of [...ages.keys()].filter((pid) => !pids.includes(pid))) ages.delete(gone);
  for (const pid of pids) {
    const age = ages.get(pid) ?? 0;
    ages.set(pid, age + 1);
    if (age > first && age % then !== 0) continue;
    for (const name of ['cmdline', 'environ']) {
      try {
        texts.add(readFileSync(`${folder}/${pid}/${name}`, 'latin1'));
      } catch {
        // It has ended since.
      }
    }
  }
}

const timer = setInterval(() => {
  for (const each of watched) look(each);
}, lookMs);
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  process.stdout.write(
    JSON.stringify(watched.flatMap(({ folder, texts }) => [...texts].map((text) => [folder, text]))),
  );
});
process.stdout.write('watching\n');
