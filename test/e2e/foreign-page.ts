import type { Frame } from 'playwright-core';

/** What a page of another origin tries with the browser's door, each by a way that browsers give to every page. */
const attempts = String.raw`
  read: () => fetch(door + '/').then((answer) => answer.text()),
  readBlind: () => fetch(door + '/', { mode: 'no-cors', credentials: 'include' }).then(textOf),
  readFile: () => fetch(door + asset).then((answer) => answer.text()),
  exchange: () => fetch(door + '/session', { method: 'POST', headers: { authorization: 'Bearer ' + token } }).then((answer) => answer.text()),
  exchangeBlind: () => fetch(door + '/session', { method: 'POST', mode: 'no-cors', body: 'Bearer ' + token }).then(textOf),
  beacon: () => (navigator.sendBeacon(door + '/session', token), 'nothing'),
  socket: () => socket(['mirrorfleet.v1', 'session.' + session]),
  socketByToken: () => socket(['mirrorfleet.v1', 'session.' + token]),
  socketBare: () => socket([]),
  events: () => loaded(Object.assign(new EventSource(door + '/rpc')), 'onopen'),
  script: () => element('script', { src: door + asset }),
  module: () => element('script', { src: door + asset, type: 'module' }),
  style: () => element('link', { href: door + '/', rel: 'stylesheet' }),
  picture: () => element('img', { src: door + '/' }),
  object: () => element('object', { data: door + '/' }).then((element) => element.contentDocument?.body?.innerText || 'nothing'),
  frame: () => element('iframe', { src: door + '/#token=' + token }).then((frame) => frame.contentDocument?.body?.innerText || 'nothing'),
  worker: () => loaded(new Worker(door + asset), 'onmessage'),
  form: () => {
    const form = Object.assign(document.createElement('form'), { action: door + '/session', method: 'post', enctype: 'text/plain', target: 'answer' });
    form.append(Object.assign(document.createElement('input'), { name: 'token', value: token }));
    const answer = element('iframe', { name: 'answer' });
    document.body.append(form);
    form.submit();
    return answer.then((frame) => frame.contentDocument?.body?.innerText || 'nothing');
  },
`;

const program = String.raw`(async ({ door, asset, token, session }) => {
  const textOf = async (answer) => (await answer.text()) || 'nothing';
  const loaded = (thing, when) => new Promise((done, failed) => { thing[when] = () => done('loaded'); thing.onerror = failed; });
  const element = (name, fields) => {
    const made = Object.assign(document.createElement(name), fields);
    const done = loaded(made, 'onload').then(() => name === 'iframe' || name === 'object' ? made : 'loaded');
    document.body.append(made);
    return done;
  };
  const socket = (protocols) => {
    const line = new WebSocket(door.replace('http', 'ws') + '/rpc', protocols);
    return loaded(line, 'onopen');
  };
  const late = () => new Promise((done) => setTimeout(() => done('nothing'), 4000));
  const tried = { ${attempts} };
  const outcome = async (attempt) => {
    try { return String(await Promise.race([attempt(), late()])); } catch { return 'refused'; }
  };
  return Object.fromEntries(await Promise.all(Object.entries(tried).map(async ([name, attempt]) => [name, await outcome(attempt)])));
})`;

/** The door as an attacker may know it at best: a token that was not used yet, and a session that lives. */
export interface KnownDoor {
  readonly door: string;
  /** The path of a script of the pages. */
  readonly asset: string;
  readonly token: string;
  readonly session: string;
}

/** Runs all attempts in a page or a frame: `refused` where the browser or the door said no, `nothing` where nothing came of it. */
export function tryDoor(frame: Frame, known: KnownDoor): Promise<Record<string, string>> {
  return frame.evaluate(`${program}(${JSON.stringify(known)})`);
}
