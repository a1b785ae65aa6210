import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrometheus, sumOf } from '../../../main/monitor/prometheus.ts';

/** What registry 3.1.1 and Envoy 1.40 print. */
const page = `# HELP registry_proxy_hits_total The number of total proxy request hits
# TYPE registry_proxy_hits_total counter
registry_proxy_hits_total{type="blob"} 12
registry_proxy_hits_total{type="manifest"} 3

envoy_server_days_until_first_cert_expiring{} 4294967295
envoy_cluster_upstream_rq_total{envoy_cluster_name="docker.io_twin"} 7
process_cpu_seconds_total 1.5e-02 1395066363000
`;

describe('the Prometheus text format', () => {
  it('gives every sample with its labels and leaves comments out', () => {
    const samples = [...parsePrometheus(page)];
    expect(samples.map((each) => [each.name, Object.fromEntries(each.labels), each.value])).toEqual([
      ['registry_proxy_hits_total', { type: 'blob' }, 12],
      ['registry_proxy_hits_total', { type: 'manifest' }, 3],
      ['envoy_server_days_until_first_cert_expiring', {}, 4294967295],
      ['envoy_cluster_upstream_rq_total', { envoy_cluster_name: 'docker.io_twin' }, 7],
      ['process_cpu_seconds_total', {}, 0.015],
    ]);
  });

  it.each([
    ['a{x="1",} 2', 2],
    ['a { x = "1" , y="2" } 3', 3],
    ['a +Inf', Infinity],
    ['a -Inf', -Infinity],
    ['a .5', 0.5],
    ['a{x="}"} 4', 4],
    ['a\t5', 5],
    ['  a 5  ', 5],
    ['a{} 6', 6],
    ['a{ } 6', 6],
    ['a{\t} 6', 6],
    ['a{x="1", \t} 6', 6],
    ['a 1  \t1395066363000', 1],
    ['a .25', 0.25],
    ['a 1e5', 100_000],
    ['\na 1\nb', 1],
    ['a{}7', 7],
    ['a{\tx\t=\t"1"\t}\t8', 8],
    ['a{x="1"} 9 1395066363000', 9],
    ['a +1.5E+3', 1500],
    ['a 2.', 2],
    ['a -1e-1', -0.1],
    ['a inf', Infinity],
    ['a nan', NaN],
    ['a:b_1 3', 3],
    ['_a{_x9="\\""} 3', 3],
  ])('reads %s', (line, value) => {
    expect([...parsePrometheus(line)].map((each) => each.value)).toEqual([value]);
  });

  it.each([
    'a',
    'a{x="1" 2',
    'a{x=1} 2',
    'a{x="1"}',
    'a one',
    '2 a',
    'a 1 2 3',
    '{x="1"} 2',
    'a{x="1"y="2"} 3',
    'a 0x10',
    'a 1e',
    'a 1e5x',
    'a x1',
    'a .',
    'a ++1',
    'a Infinity',
    'a xInf',
    'a NaNs',
    'a xNaN',
    'a-b 1',
    '#a 1',
    'a{9x="1"} 1',
    'a{x="1"',
    'a{x="1",',
    'a{',
    'a{x 6',
    'a+1',
    'a{x="1"}}',
    'a{x="1\\"} 1',
  ])('leaves out %s and keeps the line after it', (line) => {
    expect([...parsePrometheus(`${line}\nb 1\n`)].map((each) => each.name)).toEqual(['b']);
  });

  it('reads every label as it was written, and an escape that it does not know as it stands', () => {
    const [sample] = parsePrometheus(String.raw`a{x="one\ntwo",y = "\\ \" \t",z=""} 1`);
    expect(Object.fromEntries(sample?.labels ?? [])).toEqual({ x: 'one\ntwo', y: String.raw`\ " \t`, z: '' });
  });

  it('looks only at lines that begin with a name that is wanted', () => {
    const text = 'a_total 1\nb_total 2\nc_total 3\n a_total 4\na_total_more 5';
    const read = (names?: readonly string[]) => [...parsePrometheus(text, names)].map(({ value }) => value);
    expect(read(['c_total', 'a_total'])).toEqual([1, 3, 5]);
    expect(read()).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves out a line that is longer than any program writes, and keeps those beside it', () => {
    const long = (length: number) => `a{x="${'y'.repeat(length - 'a{x=""} 1'.length)}"} 1`;
    const read = (length: number) => [...parsePrometheus(`b 2\n${long(length)}\nc 3`)].map(({ name }) => name);
    expect(read(65_536)).toEqual(['b', 'a', 'c']);
    expect(read(65_537)).toEqual(['b', 'c']);
  });

  it('gives back whatever was printed, escapes included', () => {
    const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/);
    const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const labels = fc.dictionary(labelName, fc.string({ unit: 'grapheme' }), { noNullPrototype: true });
    const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    fc.assert(
      fc.property(fc.array(fc.record({ name, labels, value: fc.double() })), (samples) => {
        const text = samples
          .map(({ name: metric, labels: pairs, value }) => {
            const inside = Object.entries(pairs).map(([key, word]) => `${key}="${escape(word)}"`);
            const number = Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
            return `${metric}{${inside.join(',')}} ${number}`;
          })
          .join('\n');
        const read = [...parsePrometheus(text)];
        expect(read.map((each) => each.name)).toEqual(samples.map((each) => each.name));
        expect(read.map((each) => new Map(each.labels))).toEqual(
          samples.map((each) => new Map(Object.entries(each.labels))),
        );
        expect(read.map((each) => String(each.value))).toEqual(samples.map((each) => String(each.value)));
      }),
    );
  });

  it('never throws, whatever a port answers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Array.isArray([...parsePrometheus(text)])).toBe(true);
      }),
    );
  });

  it('sums a metric over the labels that were not named', () => {
    const samples = [...parsePrometheus(page)];
    expect(sumOf(samples, 'registry_proxy_hits_total')).toBe(15);
    expect(sumOf(samples, 'registry_proxy_hits_total', { type: 'blob' })).toBe(12);
    expect(sumOf(samples, 'registry_proxy_hits_total', { type: 'tag' })).toBeUndefined();
    expect(sumOf(samples, 'registry_proxy_hits_total', { type: 'blob', more: 'x' })).toBeUndefined();
    expect(sumOf(samples, 'registry_proxy')).toBeUndefined();
  });
});
