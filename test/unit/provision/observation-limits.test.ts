import { describe, expect, it } from 'vitest';
import { parseEdgeStats } from '../../../main/provision/edge-stats.ts';
import { parseLock, parseObservation } from '../../../main/provision/parse-observation.ts';
import { printNodeState } from '../../../main/provision/node-state.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { appliedServer } from './node-fixture.ts';

const hash = 'c'.repeat(64);
const base64 = (words: string): string => Buffer.from(words).toString('base64');
const read = (...lines: readonly string[]) =>
  parseObservation(['observe\t1', 'base\tpresent', ...lines, 'end', ''].join('\n'), 'tokyo');
function refusal(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('it was not refused');
}

describe('a line of an observation', () => {
  it.each([
    ['file\t644\t0\t0\t4\t./a', true],
    ['file\t1777\t0\t0\t999999999999999\t./a', true],
    ['file\t44\t0\t0\t4\t./a', false],
    ['file\t64444\t0\t0\t4\t./a', false],
    ['file\t648\t0\t0\t4\t./a', false],
    ['file\t644\t-1\t0\t4\t./a', false],
    ['file\t644\t0\tx0\t4\t./a', false],
    ['file\t644\t0\t0\t1000000000000000\t./a', false],
    ['file\t644\t0\t0\t4\ta', false],
    ['file\t644\t0\t0\t4\tx./a', false],
    ['file\t644\t0\t0\t4\t./', false],
    ['file\t644\t0\t0\t4\t./a\t', false],
    ['file\t644\t0\t0\t4', false],
    [`file\t644\t0\t0\t4\t./${'a'.repeat(400)}`, true],
    [`file\t644\t0\t0\t4\t./${'a'.repeat(401)}`, false],
    [`hash\t${hash}\t./a`, true],
    [`hash\t${hash}0\t./a`, false],
    [`hash\tx${hash}\t./a`, false],
    [`hash\t${hash}\t./a\t`, false],
    [`text\t./a\t${base64('x')}`, true],
    ['text\t./a\t', true],
    ['text\t./a\t=x', false],
    ['text\t./a\tx===', false],
    ['text\t./a\teA==\t', false],
    ['dir\t755\t0\t0\t./a', true],
    ['dir\t755\t0\t0\t./a\t', false],
    ['dir\t755\t0\t0\t/etc', false],
    ['link\t./a\t', true],
    [`link\t./a\t${'x'.repeat(400)}`, true],
    [`link\t./a\t${'x'.repeat(401)}`, false],
    ['link\t./a\tb\t', false],
    ['link\t./a', false],
    ['odd\t./a', true],
    ['odd\ta', false],
    ['lock\t-3\te30=', true],
    ['lock\t123456789012\te30=', true],
    ['lock\t3s\te30=', false],
    ['lock\t1234567890123\te30=', false],
    ['lock\t3\te30=\t', false],
    ['engine\t26.1.5+dfsg1-2~a\tlinux/amd64', true],
    ['engine\t\tlinux/amd64', false],
    ['engine\t26 1\tlinux/amd64', false],
    [`engine\t${'1'.repeat(61)}\tlinux/amd64`, false],
    ['engine\t26\tlinux', false],
    ['engine\t26\tlinux/amd64/v2', false],
    ['engine\t26\tlinux/amd64\t', false],
    ['compose\tplugin', true],
    ['compose\tstandalone', true],
    ['compose\tplugins', false],
    ['compose\ta plugin', false],
    [`container\t${hash}\tmirror-docker.io\trunning\tx`, true],
    [`container\t${hash}\tmirror docker\trunning\tx`, false],
    [`container\t${hash}\t${'m'.repeat(101)}\trunning\tx`, false],
    [`container\t${hash}\tenvoy\tRunning\tx`, false],
    [`container\t${hash}\tenvoy\t${'r'.repeat(21)}\tx`, false],
    [`container\t${hash}\tenvoy\trunning\t`, false],
    [`container\t${hash}\tenvoy\trunning\t${'x'.repeat(401)}`, false],
    [`container\t${hash}\tenvoy\trunning\tx\t`, false],
    [`image\tenvoy:1\tsha256:${hash}\t5\tnull\tnull`, true],
    [`image\tenvoy:1\t${hash}\t5\tnull\tnull`, false],
    [`image\tenvoy:1\txsha256:${hash}\t5\tnull\tnull`, false],
    [`container\t${'y'.repeat(130)}`, false],
    [`image\tenvoy:1\tsha256:${hash}0\t5\tnull\tnull`, false],
    [`image\t\tsha256:${hash}\t5\tnull\tnull`, false],
    [`image\t${'x'.repeat(401)}\tsha256:${hash}\t5\tnull\tnull`, false],
    [`image\tenvoy:1\tsha256:${hash}\t5\tnull\tnull\t`, false],
    ['base\tsomewhere', false],
    ['base\tnot present', false],
    ['base\tpresently', false],
    ['', false],
    ['Welcome!', false],
  ])('%j is taken: %s', (line, taken) => {
    if (taken) read(line);
    else
      expect(refusal(() => read(line))).toMatchObject({
        code: 'server-answer-unreadable',
        message: `tokyo answered something that was not understood (${JSON.stringify(line.slice(0, 120))}); nothing was changed.`,
        hint: expect.stringContaining('the machine’s shell prints nothing of its own at start'),
      });
  });

  it.each([
    ['has no beginning', 'base\tpresent\nend', 'no beginning'],
    ['has no end', 'observe\t1\nbase\tpresent', 'the answer broke off'],
    ['says nothing of the folder', 'observe\t1\nend', 'the answer broke off'],
    ['goes on after its end', 'observe\t1\nbase\tpresent\nend\n\nmore', 'text after the end'],
  ])('is named where the answer %s', (_, output, words) => {
    expect(refusal(() => parseObservation(output, 'tokyo')).message).toContain(`(${words})`);
  });
});

describe('an observation', () => {
  it('is read from where it begins, whatever the login said before', () => {
    expect(parseObservation('Welcome!\nobserve\t1\nbase\tabsent\nend\n\n', 'tokyo')).toEqual({
      base: 'absent',
      files: {},
      directories: {},
      links: {},
      odd: [],
      containers: [],
      images: {},
      docker: 'absent',
      compose: 'absent',
    });
  });

  it.each(['absent', 'present', 'link', 'file', 'unreadable'])('knows a folder that is %s', (base) => {
    expect(parseObservation(`observe\t1\nbase\t${base}\nend`, 'tokyo').base).toBe(base);
  });

  it('tells an engine that runs from one that is only installed', () => {
    const engine = 'engine\t26.1.5+dfsg1\tlinux/amd64';
    expect(read('docker\tpresent')).toMatchObject({ docker: 'stopped' });
    expect(read('docker\tpresent')).not.toHaveProperty('engineVersion');
    expect(read('docker\tpresent', engine, 'compose\tstandalone')).toMatchObject({
      docker: 'running',
      engineVersion: '26.1.5+dfsg1',
      platform: 'linux/amd64',
      compose: 'standalone',
    });
  });

  it('has of a file all that was said, and nothing of one that vanished, nor of locks and lists that are just being written', () => {
    const found = read(
      'file\t644\t1\t2\t4\t./a',
      `hash\t${hash}\t./a`,
      'file\t640\t0\t0\t4\t./gone',
      ...['lock', '.lock.77', '.brought.77'].flatMap((name) => [
        `file\t600\t0\t0\t4\t./${name}`,
        `hash\t${hash}\t./${name}`,
      ]),
      'odd\t./socket',
      'link\t./l\t../x',
    );
    expect(found.files).toEqual({ a: { hash, mode: 0o644, uid: 1, gid: 2, bytes: 4 } });
    expect([found.odd, found.links]).toEqual([['socket'], { l: '../x' }]);
    expect(found).not.toHaveProperty('lock');
  });

  it('remembers the state of a node where that can be read, and none where it cannot', () => {
    const { state } = appliedServer;
    if (state === undefined) throw new Error('the fixture has a state');
    const of = (words: string) => read(`text\t./state.json\t${base64(words)}`).state;
    expect(of(printNodeState(state))).toEqual(state);
    expect(of('{}')).toBeUndefined();
  });

  it('lists containers by service and then by id, in whatever order they came', () => {
    const lines = ['b/b', 'a/f', 'b/a', 'a/e'].map((each) => {
      const [service = '', letter = ''] = each.split('/');
      return `container\t${letter.repeat(64)}\t${service}\trunning\tx`;
    });
    expect(read(...lines).containers.map(({ service, id }) => `${service}/${id[0]}`)).toEqual([
      'a/e',
      'a/f',
      'b/a',
      'b/b',
    ]);
  });

  it.each([
    ['["a","b"]', ['a', 'b']],
    ['null', []],
    ['no json', []],
    ['[1]', []],
    [JSON.stringify(['x'.repeat(400)]), ['x'.repeat(400)]],
    [JSON.stringify(['x'.repeat(401)]), []],
    [JSON.stringify(Array(100).fill('x')), Array(100).fill('x')],
    [JSON.stringify(Array(101).fill('x')), []],
  ])('takes a list of names for a list, and anything else for none: %.20s', (list, names) => {
    const { images } = read(`image\tenvoy:1\tsha256:${hash}\t7\t${list}\t${list}`);
    expect(images['envoy:1']).toEqual({ id: `sha256:${hash}`, bytes: 7, tags: names, digests: names });
  });
});

describe('what a server names', () => {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
  const evil = '\u001b[2J\u009b2J\u0007\r\u007f';
  const seen = '\ufffd[2J\ufffd2J\ufffd\ufffd\ufffd';

  it('never steers the terminal that shows it, and is never taken for a name of ours', () => {
    const found = read(
      `file\t644\t0\t0\t4\t./compose${evil}.yaml`,
      `hash\t${hash}\t./compose${evil}.yaml`,
      `dir\t755\t0\t0\t./data${evil}`,
      `link\t./l${evil}\t../x${evil}`,
      `odd\t./o${evil}`,
      `container\t${hash}\tenvoy\trunning\tx${evil}`,
    );
    expect(Object.keys(found.files)).toEqual([`compose${seen}.yaml`]);
    expect(Object.keys(found.directories)).toEqual([`data${seen}`]);
    expect(found.links).toEqual({ [`l${seen}`]: `../x${seen}` });
    expect(found.odd).toEqual([`o${seen}`]);
    expect(JSON.stringify(found).replaceAll('\\u', '')).not.toMatch(controls);
    expect(found.containers[0]?.image).toBe(`x${seen}`);
  });

  it('is shown without them also where it is not understood', () => {
    expect(refusal(() => read(`Welcome${evil}`)).message).not.toMatch(controls);
  });

  it('is shown without them where it is the version of its edge', () => {
    expect(parseEdgeStats(`envoy_cluster_manager_cds_version_text{text_value="k${evil}"} 0`).cds).toBe(`k${seen}`);
  });
});

describe('the holder of a lock', () => {
  it('is who its text says, with the installation where it names one', () => {
    const words = { who: 'bob@desk', when: 'now', why: 'apply' };
    expect(parseLock('7', base64(JSON.stringify(words)))).toEqual({ ...words, ageSeconds: 7 });
    expect(parseLock('-2', base64(JSON.stringify({ ...words, installation: 'i' })))).toEqual({
      ...words,
      ageSeconds: -2,
      installation: 'i',
    });
  });

  it.each([
    ['no text of ours', 'hello'],
    ['a name without end', JSON.stringify({ who: 'w'.repeat(201), when: 'now', why: 'apply' })],
    ['a time without end', JSON.stringify({ who: 'w', when: 'n'.repeat(41), why: 'apply' })],
    ['a reason without end', JSON.stringify({ who: 'w', when: 'now', why: 'y'.repeat(201) })],
    ['an installation without end', JSON.stringify({ who: 'w', when: 'now', why: 'y', installation: 'i'.repeat(101) })],
  ])('is someone unknown where there is %s, and the lock still holds', (_, words) => {
    expect(parseLock('7', base64(words))).toEqual({
      who: 'someone unknown',
      when: 'an unknown time',
      why: 'unknown',
      ageSeconds: 7,
    });
  });
});
