import { describe, expect, test } from 'vitest';
import { Secret } from '../../../main/log/secret.ts';
import { planDirect, planMirrors } from '../../../main/runtimes/docker-plan.ts';
import { hashOf } from '../../../main/runtimes/file-diff.ts';
import type { SeenFile } from '../../../main/runtimes/owned-files.ts';
import { previewOf } from '../../../main/runtimes/switch.ts';
import type { SwitchRecord } from '../../../main/runtimes/switch-records.ts';
import { problemCode } from '../problem-code.ts';
import { bytesOf, facts, file, folder, osaka, switched, textOf, tokyo, url } from './docker-fixture.ts';

describe('the plan to a node', () => {
  test('after a switch that was killed in between, puts the mirrors into the file of before, with those of the user', () => {
    const original = '{ "registry-mirrors": ["https://mine.example"], "debug": true }';
    const on = switched(original);
    const between = planMirrors(['tokyo'], [tokyo], facts({ current: bytesOf(original) })).interim?.bytes;
    const record = on.record && { ...on.record, state: 'switching' as const, interim: [hashOf(between)] };
    const again = planMirrors(['tokyo'], [tokyo], { ...on, current: between, live: [], record });
    const written = again.edits.find(({ path }) => path === file)?.bytes;
    expect(textOf(between)).not.toContain('mine.example');
    expect(textOf(written)).toBe(textOf(on.current));
    expect(again.expectedMirrors).toEqual([url, 'https://mine.example']);
  });

  test('writes three certificate files, then daemon.json, and never shows the key', () => {
    const plan = planMirrors(['tokyo'], [tokyo], facts());
    expect(plan.edits.map(({ path, mode }) => [path, mode])).toEqual([
      [`${folder}/ca.crt`, 0o644],
      [`${folder}/client.cert`, 0o644],
      [`${folder}/client.key`, 0o600],
      [file, 0o644],
    ]);
    expect(textOf(plan.edits[3]?.bytes)).toBe(`{\n  "registry-mirrors": [\n    "${url}"\n  ]\n}\n`);
    const shown = JSON.stringify(previewOf(plan, 1000));
    expect(shown).not.toContain('PRIVATE KEY');
    expect(shown).toContain('public half SHA256:');
  });

  test('keeps the user’s own mirrors after ours, in order', () => {
    const current = bytesOf('{"registry-mirrors":["https://user.example/","https://203.0.113.11:443/"]}');
    const plan = planMirrors(['osaka', 'tokyo'], [osaka, tokyo], facts({ current }));
    expect(plan.expectedMirrors).toEqual(['https://osaka.example:8443', url, 'https://user.example']);
  });

  test('is nothing to do when everything is right, and asks for no rights', () => {
    const plan = planMirrors(['tokyo'], [tokyo], switched('{}'));
    expect(previewOf(plan, 1000)).toMatchObject({ nothingToDo: true, changes: [], needsPrivilege: false });
  });

  test('is only a reload when the files are right and Docker is not', () => {
    const plan = planMirrors(['tokyo'], [tokyo], switched('{}', { live: [] }));
    expect(plan).toMatchObject({ nothingToDo: false, edits: [] });
  });

  test('takes away the files of a node that leaves the route', () => {
    const plan = planMirrors(['osaka'], [osaka], switched('{}'));
    expect(plan.edits.filter(({ bytes }) => bytes === undefined).map(({ path }) => path)).toEqual([
      `${folder}/ca.crt`,
      `${folder}/client.cert`,
      `${folder}/client.key`,
    ]);
    expect(plan.expectedMirrors).toEqual(['https://osaka.example:8443']);
    expect(textOf(plan.original?.bytes)).toBe('{}');
  });

  test('warns about upstreams that this Docker leaves direct, and refuses a node without docker.io', () => {
    expect(planMirrors(['osaka'], [osaka], facts()).warnings[0]?.message).toContain('quay.io');
    const bare = { ...tokyo, upstreams: ['ghcr.io'] };
    expect(problemCode(() => planMirrors(['tokyo'], [bare], facts()))).toBe('node-without-docker-io');
  });

  test.each<[string, SeenFile]>([
    ['ca.crt', bytesOf('someone else')],
    ['client.key', 'unreadable'],
  ])('refuses to overwrite a %s that is not ours', (name, seen) => {
    const there = facts({ seen: new Map([[`${folder}/${name}`, seen]]) });
    expect(problemCode(() => planMirrors(['tokyo'], [tokyo], there))).toBe('certificates-not-ours');
  });
});

describe('the plan to direct', () => {
  test.each([undefined, '{}', '{\n\t"debug": true\n}', '{"registry-mirrors":["https://user.example"]}'])(
    'goes over [] to the exact bytes of before: %j',
    (original) => {
      const plan = planDirect(switched(original));
      expect(plan.interimFirst).toBe(true);
      expect(JSON.parse(textOf(plan.interim?.bytes) ?? '')).toMatchObject({ 'registry-mirrors': [] });
      const last = plan.edits.find(({ path }) => path === file);
      expect(textOf(last?.bytes)).toBe(original);
      expect(last?.expect).toBe(hashOf(plan.interim?.bytes));
      expect(plan.expectedMirrors).toEqual(original?.includes('user') ? ['https://user.example'] : []);
      expect(plan.edits.filter(({ bytes }) => bytes === undefined && true).length).toBe(original === undefined ? 4 : 3);
    },
  );

  test('is nothing to do where we never switched, whatever mirrors there are', () => {
    expect(
      planDirect(facts({ current: bytesOf('{"registry-mirrors":["https://u.example"]}'), live: ['https://u.example'] }))
        .nothingToDo,
    ).toBe(true);
  });

  test('keeps an edit of someone else and takes out only our mirror', () => {
    const base = switched('{}');
    const edited = bytesOf((textOf(base.current) ?? '').replace('{', '{\n  "debug": true,'));
    const plan = planDirect({ ...base, current: edited });
    expect(textOf(plan.edits.find(({ path }) => path === file)?.bytes)).toBe('{\n  "debug": true\n}');
    expect(plan.warnings.map(({ code }) => code)).toEqual(['foreign-edit-kept']);
  });

  test('keeps a mirror that someone added since', () => {
    const base = switched(undefined);
    const edited = bytesOf(`{"registry-mirrors": ["${url}", "https://new.example"]}`);
    const plan = planDirect({ ...base, current: edited });
    expect(textOf(plan.edits.find(({ path }) => path === file)?.bytes)).toBe(
      '{"registry-mirrors": ["https://new.example"]}',
    );
  });

  test('leaves a file that someone deleted deleted', () => {
    const plan = planDirect({ ...switched('{}'), current: undefined });
    expect(plan.edits.find(({ path }) => path === file)?.bytes).toBeUndefined();
    expect(plan.interim).toBeDefined();
  });

  test('brings the files back without a reload while Docker is stopped', () => {
    const plan = planDirect({ ...switched('{"debug":true}'), live: undefined });
    expect(plan.interim).toBeUndefined();
    expect(textOf(plan.edits[0]?.bytes)).toBe('{"debug":true}');
  });

  test('finds the original again from every state an interrupted switch can leave', () => {
    const base = switched('{"debug":true}');
    const on = planMirrors(['tokyo'], [tokyo], facts({ current: bytesOf('{"debug":true}') }));
    const record: SwitchRecord = {
      ...(base.record as SwitchRecord),
      state: 'switching',
      interim: [hashOf(on.interim?.bytes)],
    };
    for (const current of [bytesOf('{"debug":true}'), base.current, on.interim?.bytes]) {
      const plan = planDirect({ ...base, current, record });
      expect(textOf(plan.edits.find(({ path }) => path === file)?.bytes)).toBe('{"debug":true}');
      expect(plan.warnings).toEqual([]);
    }
  });
});

test('a key never shows in a value that is logged', () => {
  expect(JSON.stringify({ key: new Secret('k') })).not.toContain('"k"');
});
