import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReport, toWrite } from '../../src/document/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import { KERNELS, printReport, SCENARIO_NAMES, SCENARIOS, scenarioState } from '../../src/simulate/index.ts';

/** Documents as Elasticsearch gives them back, one of every scenario. */
const DOCUMENTS = SCENARIO_NAMES.map((name) => {
  const kernel = SCENARIOS[name].kernels[0] ?? '5.15';
  const text = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 5 })).join('\n');
  const [report] = parseText(text, { path: 'kern.log' });
  if (!report) throw new Error(`no report of ${name}`);
  return JSON.stringify(toWrite(report, analyse(report), Date.UTC(2026, 8, 1)).document);
});

const REPLACEMENTS = [null, '', 'x', '0x0', -1, 0, 0.5, 5, 1e9, 1e300, true, {}, [], [null], ['a'], [1], { a: null }];

/** Which member at each level is taken; whether the walk ends there; what is put in its place, or taken away. */
const mutation = fc.record({
  inReport: fc.boolean(),
  steps: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 })), { minLength: 1, maxLength: 6 }),
  value: fc.option(fc.constantFrom(...REPLACEMENTS), { nil: undefined, freq: 3 }),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

const isNode = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function mutate(document: Record<string, unknown>, { inReport, steps, value }: Mutation): void {
  const oom = document['oom'];
  let node: unknown = inReport && isNode(oom) ? oom['report'] : document;
  for (const [pick, end] of steps) {
    if (!isNode(node)) return;
    const keys = Object.keys(node);
    const key = keys[pick % keys.length];
    if (key === undefined) return;
    if (end > 0 && isNode(node[key])) {
      node = node[key];
      continue;
    }
    if (value !== undefined) node[key] = structuredClone(value);
    else if (Array.isArray(node)) node.splice(Number(key), 1);
    else delete node[key];
    return;
  }
}

const runs = process.env['OOMSCOPE_FUZZ'] ? 50_000 : 1500;

test('a stored report is read so that it can be analysed and written, or its fault is named', {
  timeout: 120_000,
}, () => {
  let read = 0;
  const check = fc.property(
    fc.constantFrom(...DOCUMENTS),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
    (json, mutations) => {
      const document = JSON.parse(json) as Record<string, unknown>;
      for (const each of mutations) mutate(document, each);
      const reading = readReport(document);
      if ('fault' in reading) {
        expect(reading.fault).toMatch(/oom\.report/);
        return;
      }
      read += 1;
      const { version } = toWrite(reading.report, analyse(reading.report));
      expect(Number.isSafeInteger(version) && version >= 0).toBe(true);
    },
  );
  fc.assert(check, { numRuns: runs });
  // Neither everything is refused nor nothing.
  expect(read).toBeGreaterThan(runs / 20);
  expect(read).toBeLessThan((runs * 19) / 20);
});
