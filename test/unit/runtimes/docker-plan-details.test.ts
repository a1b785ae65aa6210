import { describe, expect, test } from 'vitest';
import {
  bare,
  certificatePaths,
  type DockerFacts,
  planDirect,
  planMirrors,
} from '../../../main/runtimes/docker-plan.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { type Problem, problemOf } from '../../../preload/contract/problem.ts';
import { bytesOf, facts, file, folder, osaka, switched, textOf, tokyo, url } from './docker-fixture.ts';

const mine = '{"registry-mirrors":["https://mine.example/"]}';
const afterDirect = (plan: ReturnType<typeof planDirect>) => plan.edits.find(({ path }) => path === file);

describe('the plan of Docker to a node', () => {
  // Made in the test, not on import, so that a failing plan is one red test.
  const right = (more: Partial<DockerFacts>, record: Partial<SwitchRecord> = {}): DockerFacts => {
    const base = switched('{}');
    // The key is readable here, so that nothing but the case decides.
    const seen = new Map([...base.seen, [`${folder}/client.key`, bytesOf(tokyo.clientKey.reveal())] as const]);
    return { ...base, seen, record: base.record && { ...base.record, ...record }, ...more };
  };
  test.each<[string, Partial<DockerFacts>, Partial<SwitchRecord>, boolean]>([
    ['all is right', {}, {}, true],
    ['the last switch never ended', {}, { state: 'switching' }, false],
    ['the record names another route', {}, { route: ['osaka'] }, false],
    ['nothing is on record', { record: undefined }, {}, false],
    ['Docker is stopped', { live: undefined }, {}, false],
    ['Docker has one mirror more', { live: [url, 'https://mine.example'] }, {}, false],
  ])('is nothing to do only where all is right: %s', (_, more, record, nothing) => {
    const plan = planMirrors(['tokyo'], [tokyo], right(more, record));
    expect([plan.nothingToDo, plan.edits]).toEqual([nothing, []]);
  });

  test('tells ours from the user’s, and what the file was before', () => {
    const plan = planMirrors(['tokyo'], [tokyo], facts({ current: bytesOf(mine), live: ['https://mine.example'] }));
    expect(plan).toMatchObject({
      runtime: 'docker',
      route: ['tokyo'],
      writer: 'root',
      activate: 'reload',
      activation: { code: 'docker-reloads' },
      restarts: [],
      interimFirst: false,
      liveBefore: ['https://mine.example'],
      ourMirrors: [url],
      expectedMirrors: [url, 'https://mine.example'],
      original: { path: file, bytes: bytesOf(mine) },
    });
  });

  test('can be taken back over an empty list, which expects what this switch wrote', () => {
    const plan = planMirrors(['tokyo'], [tokyo], facts({ current: bytesOf('{"debug":true}') }));
    const written = plan.edits.find(({ path }) => path === file)?.bytes;
    expect(plan.interim?.expect).toBe(hashOf(written));
    expect(JSON.parse(textOf(plan.interim?.bytes) ?? '')).toEqual({ debug: true, 'registry-mirrors': [] });
  });

  test('keeps what someone wrote into the file since the last switch', () => {
    const edited = bytesOf(`{"registry-mirrors":["${url}","https://new.example"],"debug":true}`);
    const plan = planMirrors(['osaka'], [osaka], { ...switched('{}'), current: edited });
    const written = textOf(plan.edits.find(({ path }) => path === file)?.bytes) ?? '';
    expect(JSON.parse(written)).toEqual({
      'registry-mirrors': ['https://osaka.example:8443', 'https://new.example'],
      debug: true,
    });
  });

  test('does not write a list that differs by slashes at the end alone', () => {
    const current = bytesOf(`{"registry-mirrors":["${url}//"]}`);
    expect(planMirrors(['tokyo'], [tokyo], facts({ current })).edits.map(({ path }) => path)).not.toContain(file);
    expect(bare('https://a.example/v2//')).toBe('https://a.example/v2');
  });

  test('warns of upstreams that stay direct, and of a certificate that someone changed', () => {
    const more = { ...osaka, upstreams: ['docker.io', 'quay.io', 'ghcr.io'] };
    const base = switched('{}');
    const seen = new Map([...base.seen, [`${folder}/ca.crt`, bytesOf('changed')]]);
    const { warnings } = planMirrors(['osaka'], [more, osaka], { ...base, seen });
    expect(warnings).toMatchObject([
      {
        code: 'docker-mirrors-only-docker-io',
        message: 'This Docker takes only docker.io from a mirror; quay.io, ghcr.io stay direct.',
        hint: 'Name images as <node address>/<upstream>/<image>.',
        retryable: false,
      },
      { code: 'foreign-edit-kept' },
    ]);
    expect(planMirrors(['tokyo'], [tokyo], facts()).warnings).toEqual([]);
  });

  test('names the node that does not serve docker.io, wherever in the route it stands', () => {
    const bareNode = { ...osaka, upstreams: ['quay.io'] };
    const problem = refusal(() => planMirrors(['tokyo', 'osaka'], [tokyo, bareNode], facts()));
    expect(problem.message).toBe(
      'osaka does not serve docker.io, the only upstream this Docker takes from a mirror. Nothing was changed.',
    );
    expect(problem.hint).toBe("Add docker.io to osaka's upstreams, or choose another node.");
  });

  test('asks to see the certificates of now and of the last switch, each once, and no other file', () => {
    const files = ['ca.crt', 'client.cert', 'client.key'];
    const { record } = switched('{}');
    const there = files.map((name) => `${folder}/${name}`);
    expect(certificatePaths([], record)).toEqual(there);
    expect(certificatePaths([tokyo], record)).toEqual(there);
    expect(certificatePaths([osaka], undefined)).toEqual(
      files.map((name) => `/etc/docker/certs.d/osaka.example:8443/${name}`),
    );
  });
});

describe('the plan of Docker to direct', () => {
  test('touches nothing where we never switched', () => {
    const plan = planDirect(facts({ current: bytesOf(mine), live: ['https://other.example'] }));
    expect(plan).toMatchObject({
      nothingToDo: true,
      edits: [],
      interim: undefined,
      interimFirst: false,
      original: { path: file, bytes: bytesOf(mine) },
      warnings: [],
    });
  });

  test('reloads twice where Docker runs, and not at all where it is stopped', () => {
    const base = switched(mine);
    expect(planDirect(base)).toMatchObject({
      runtime: 'docker',
      route: [],
      nothingToDo: false,
      writer: 'root',
      activate: 'reload',
      activation: { code: 'docker-reloads-twice' },
      restarts: [],
      liveBefore: [url, 'https://mine.example'],
      expectedMirrors: ['https://mine.example'],
      ourMirrors: [],
      original: { path: file, bytes: bytesOf(mine) },
    });
    expect(planDirect({ ...base, live: undefined }).activation).toEqual({ code: 'docker-stopped' });
  });

  test('writes the original again after the empty list where a killed switch had brought it and not loaded it', () => {
    const plan = planDirect({ ...switched(mine), current: bytesOf(mine) });
    expect(plan.interim?.expect).toBe(hashOf(bytesOf(mine)));
    expect(afterDirect(plan)).toMatchObject({ bytes: bytesOf(mine), expect: hashOf(plan.interim?.bytes) });
  });

  test.each([
    ['is stopped', undefined],
    ['uses the user’s own already', ['https://mine.example']],
  ])('leaves a file that is the original already where Docker %s', (_, live) => {
    const plan = planDirect({ ...switched(mine), current: bytesOf(mine), live });
    expect([plan.interim, plan.interimFirst, afterDirect(plan)]).toEqual([undefined, false, undefined]);
    // What is left to do: our certificates go.
    expect(plan.edits.map(({ bytes }) => bytes)).toEqual([undefined, undefined, undefined]);
    expect(plan.nothingToDo).toBe(false);
  });

  test.each<[string, string | undefined, string, string]>([
    ['without any mirror', '{}', '{ "debug": true }', '{ "debug": true }'],
    [
      'with other mirrors only',
      '{}',
      '{"registry-mirrors": ["https://a.example"] }',
      '{"registry-mirrors": ["https://a.example"] }',
    ],
    ['with ours under a slash', '{}', `{"registry-mirrors": ["${url}/"], "debug": true}`, '{"debug": true}'],
    // The key was the user's own, so it stays, however empty.
    ['without the user’s own mirror', mine, `{"registry-mirrors": ["${url}"]}`, '{"registry-mirrors": []}'],
    ['where there was no file', undefined, `{"registry-mirrors": ["${url}"], "debug": true}`, '{"debug": true}'],
  ])('takes ours alone out of a file that someone wrote anew %s', (_, original, edited, left) => {
    const plan = planDirect({ ...switched(original), current: bytesOf(edited) });
    expect(textOf(afterDirect(plan)?.bytes)).toBe(left);
    expect(plan.warnings).toMatchObject([{ code: 'foreign-edit-kept', retryable: false }]);
    expect(plan.warnings[0]?.message).toContain(`${file} was edited by someone else`);
  });

  test('warns of a certificate that someone changed and leaves it', () => {
    const base = switched('{}');
    const seen = new Map([...base.seen, [`${folder}/ca.crt`, bytesOf('changed')]]);
    const plan = planDirect({ ...base, seen });
    expect(plan.edits.map(({ path }) => path)).toEqual([file, `${folder}/client.cert`, `${folder}/client.key`]);
    expect(plan.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${folder}/ca.crt was edited`),
    ]);
  });
});

function refusal(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('it was not refused');
}
