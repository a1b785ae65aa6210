import { z } from 'zod';
import { fail } from '../../preload/contract/problem.ts';
import { shownName, shownText } from '../fleet/control-characters.ts';
import { parseNodeState } from './node-state.ts';
import type {
  LockHolder,
  Observed,
  ObservedContainer,
  ObservedDirectory,
  ObservedFile,
  ObservedImage,
} from './observed.ts';

const lockText = z.object({
  who: z.string().max(200),
  when: z.string().max(40),
  why: z.string().max(200),
  installation: z.string().max(100).optional(),
});

function unreadable(host: string, what: string): never {
  fail({
    code: 'server-answer-unreadable',
    message: `${host} answered something that was not understood (${what}); nothing was changed.`,
    hint: 'Check with a plain ssh login that the machine’s shell prints nothing of its own at start (a banner in .bashrc), then try again.',
  });
}

const mode = /^[0-7]{3,4}$/;
const number = /^\d{1,15}$/;
const digest = /^[0-9a-f]{64}$/;
const path = /^\.\/.{1,400}$/s;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** An empty object without a prototype: `__proto__` and `constructor` are names of files like any other there. */
function byName<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** The text of a base64 word; control characters other than tab and newline are dropped so that a terminal can show it. */
function decode(word: string): string {
  return shownText(Buffer.from(word, 'base64').toString('utf8'));
}

/** Who holds a lock, from the file's text; a text that is not ours is still somebody's lock. */
export function parseLock(age: string, word: string): LockHolder {
  const ageSeconds = Number(age);
  try {
    const parsed = lockText.parse(JSON.parse(decode(word)));
    // Once more: JSON can write them as escapes.
    const { installation } = parsed;
    return {
      who: shownText(parsed.who),
      when: shownText(parsed.when),
      why: shownText(parsed.why),
      ageSeconds,
      ...(installation === undefined ? {} : { installation }),
    };
  } catch {
    return { who: 'someone unknown', when: 'an unknown time', why: 'unknown', ageSeconds };
  }
}

function stringList(text: string): string[] {
  try {
    const parsed = z.array(z.string().max(400)).max(100).nullable().safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data ?? []) : [];
  } catch {
    return [];
  }
}

/**
 * The answer of the observing script, read strictly: a line of another form, or an answer that breaks off, is a Problem
 * (`server-answer-unreadable`), never a guess. Nothing in it is trusted further than its form: names are compared with what we want.
 */
export function parseObservation(output: string, host: string): Omit<Observed, 'edge' | 'roundTrips'> {
  const lines = output.split('\n');
  const start = lines.indexOf('observe\t1');
  if (start < 0) unreadable(host, 'no beginning');
  const files = byName<ObservedFile>();
  const hashes = byName<string>();
  const texts = byName<string>();
  const directories = byName<ObservedDirectory>();
  const links = byName<string>();
  const odd: string[] = [];
  const containers: ObservedContainer[] = [];
  const images = byName<ObservedImage>();
  let base: Observed['base'] | undefined;
  let lock: LockHolder | undefined;
  let docker: Observed['docker'] = 'absent';
  let compose: Observed['compose'] = 'absent';
  let engineVersion: string | undefined;
  let platform: string | undefined;
  let ended = false;
  for (const told of lines.slice(start + 1)) {
    const line = shownName(told);
    if (ended) {
      if (line !== '') unreadable(host, 'text after the end');
      continue;
    }
    const words = line.split('\t');
    const word = (index: number, form: RegExp): string => {
      const found = words[index];
      if (found === undefined || !form.test(found)) unreadable(host, `${JSON.stringify(line.slice(0, 120))}`);
      return found;
    };
    const count = (expected: number): void => {
      if (words.length !== expected) unreadable(host, `${JSON.stringify(line.slice(0, 120))}`);
    };
    switch (words[0] ?? '') {
      case 'base': {
        const found = word(1, /^(absent|present|link|file|unreadable)$/);
        if (found === 'absent' || found === 'present' || found === 'link' || found === 'file' || found === 'unreadable')
          base = found;
        break;
      }
      case 'file':
        count(6);
        files[word(5, path).slice(2)] = {
          hash: '',
          mode: Number.parseInt(word(1, mode), 8),
          uid: Number(word(2, number)),
          gid: Number(word(3, number)),
          bytes: Number(word(4, number)),
        };
        break;
      case 'hash':
        count(3);
        hashes[word(2, path).slice(2)] = word(1, digest);
        break;
      case 'text':
        count(3);
        texts[word(1, path).slice(2)] = decode(word(2, base64));
        break;
      case 'dir':
        count(5);
        directories[word(4, path).slice(2)] = {
          mode: Number.parseInt(word(1, mode), 8),
          uid: Number(word(2, number)),
          gid: Number(word(3, number)),
        };
        break;
      case 'link':
        count(3);
        links[word(1, path).slice(2)] = word(2, /^.{0,400}$/s);
        break;
      case 'odd':
        odd.push(word(1, path).slice(2));
        break;
      case 'lock':
        count(3);
        lock = parseLock(word(1, /^-?\d{1,12}$/), word(2, base64));
        break;
      case 'docker':
        docker = 'stopped';
        break;
      case 'engine':
        count(3);
        docker = 'running';
        engineVersion = word(1, /^[\w.+~-]{1,60}$/);
        platform = word(2, /^[a-z0-9]+\/[a-z0-9]+$/);
        break;
      case 'compose':
        compose = word(1, /^(plugin|standalone)$/) === 'plugin' ? 'plugin' : 'standalone';
        break;
      case 'container':
        count(5);
        containers.push({
          id: word(1, digest),
          service: word(2, /^[\w.-]{1,100}$/),
          state: word(3, /^[a-z]{1,20}$/),
          image: word(4, /^.{1,400}$/s),
        });
        break;
      case 'image':
        count(6);
        images[word(1, /^.{1,400}$/s)] = {
          id: word(2, /^sha256:[0-9a-f]{64}$/),
          bytes: Number(word(3, number)),
          tags: stringList(word(4, /^/)),
          digests: stringList(word(5, /^/)),
        };
        break;
      case 'end':
        ended = true;
        break;
      default:
        unreadable(host, `${JSON.stringify(line.slice(0, 120))}`);
    }
  }
  if (!ended || base === undefined) unreadable(host, 'the answer broke off');
  for (const [name, file] of Object.entries(files)) {
    const found = hashes[name];
    // A file that vanished between the two listings is as good as absent.
    if (found === undefined) delete files[name];
    else files[name] = { ...file, hash: found, ...(texts[name] === undefined ? {} : { text: texts[name] }) };
  }
  // Locks, and what is on its way into a lock's or the list of images' place: they come and go and are part of no plan.
  for (const name of Object.keys(files)) if (/^(lock|\.(lock|brought)\.\d+)$/.test(name)) delete files[name];
  const state = texts['state.json'] === undefined ? undefined : parseNodeState(texts['state.json']);
  return {
    base,
    ...(state ? { state } : {}),
    files,
    directories,
    links,
    odd,
    containers: containers.toSorted((a, b) => a.service.localeCompare(b.service) || a.id.localeCompare(b.id)),
    images,
    ...(lock ? { lock } : {}),
    docker,
    ...(engineVersion ? { engineVersion } : {}),
    ...(platform ? { platform } : {}),
    compose,
  };
}
