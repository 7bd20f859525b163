import { describe, expect, it } from 'vitest';
import { readReport, toDocument, toWrite } from '../../../src/document/index.ts';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { parseText } from '../../../src/parser/index.ts';
import {
  applyDamage,
  type Damage,
  KERNELS,
  printReport,
  SCENARIO_NAMES,
  SCENARIOS,
  scenarioState,
  seedTwinLog,
} from '../../../src/simulate/index.ts';
import { CORPUS } from '../../support/corpus.ts';
import { simulateMonth } from '../../support/month.ts';
import { fullAnalysis, fullReport, SAMPLE_MS } from '../../support/reports.ts';
import { seedReport } from '../../support/seed-report.ts';

/** As Elasticsearch gives it back. */
const stored = (report: OomReport): unknown =>
  JSON.parse(JSON.stringify(toDocument(report, analyse(report), { ingestedAtMs: SAMPLE_MS })));

/** The report that was read; fails where there is a fault. */
function readBack(document: unknown): OomReport {
  const reading = readReport(document);
  if ('fault' in reading) throw new Error(reading.fault);
  return reading.report;
}

const faultOf = (document: unknown): string | undefined => {
  const reading = readReport(document);
  return 'fault' in reading ? reading.fault : undefined;
};

/** Every scenario on every kernel that prints it. */
const printed = SCENARIO_NAMES.flatMap((name) =>
  SCENARIOS[name].kernels.map((kernel) => {
    const text = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 5 })).join('\n');
    return [`${name} on ${kernel}`, text] as const;
  }),
);

describe('readReport', { timeout: 60_000 }, () => {
  it.each(printed)('gives back %s', (_name, text) => {
    const reports = parseText(text, { path: 'kern.log' });
    expect(reports.length).toBeGreaterThan(0);
    for (const report of reports) {
      const read = readBack(stored(report));
      expect(read).toEqual(report);
      expect(toWrite(read, analyse(read))).toEqual(toWrite(report, analyse(report)));
    }
  });

  it('gives back what other shapes of text became', () => {
    const twin = seedTwinLog({ lost: true, wrapColumns: 199 }).join('\n');
    for (const report of [seedReport, ...parseText(twin)]) expect(readBack(stored(report))).toEqual(report);
  });

  it('gives back what damage left of a report', () => {
    const state = scenarioState(SCENARIOS['exhausted-swap-full'], { kernel: KERNELS['5.15'], seed: 5 });
    const damages: readonly Damage[] = [
      { kind: 'wrap', columns: 80 },
      { kind: 'lose-some', count: 20 },
      { kind: 'lose-head', until: 'Mem-Info' },
      { kind: 'lose-tail', from: 'Tasks state' },
      { kind: 'cut', columns: 60 },
      { kind: 'duplicate', count: 10 },
      { kind: 'double-spaced' },
    ];
    for (const damage of damages) {
      const { lines } = applyDamage(printReport(state), [damage], 3);
      for (const report of parseText(lines.join('\n'))) expect(readBack(stored(report))).toEqual(report);
    }
  });

  it('gives back the reports of a fleet, whatever their shippers wrote', () => {
    const { writes } = simulateMonth({ hosts: 400, noisePerHost: 5 });
    expect(writes.length).toBeGreaterThan(40);
    for (const { document, version } of writes) {
      const read = readBack(JSON.parse(JSON.stringify(document)));
      expect(toWrite(read, analyse(read))).toMatchObject({ document, version });
    }
  });

  it.skipIf(CORPUS.length === 0)('gives back every report of the real logs', () => {
    for (const { name, text } of CORPUS) {
      for (const report of parseText(text)) {
        const read = readBack(stored(report));
        expect(read, name).toEqual(report);
        expect(analyse(read), name).toEqual(analyse(report));
      }
    }
  });

  it('gives back hosts, labels, stamps and positions', () => {
    const report = fullReport();
    const document = JSON.parse(JSON.stringify(toDocument(report, fullAnalysis())));
    expect(readBack(document)).toEqual(report);
  });

  it('gives back a report that is too long for event.original, but for the texts left out', () => {
    const [report] = parseText(printed[0]?.[1] ?? '');
    if (!report) throw new Error('no report');
    const long = { ...report, lines: report.lines.map((line) => ({ ...line, text: line.text.padEnd(2000, '.') })) };
    const read = readBack(stored(long));
    expect(read.lines).toHaveLength(long.lines.length);
    expect(read.lines.filter((line) => line.text === '').length).toBeGreaterThan(10);
    const texts = read.lines.map((line, index) => ({ ...line, text: line.text || (long.lines[index]?.text ?? '') }));
    expect({ ...read, lines: texts }).toEqual(long);
    expect(analyse(read)).toEqual(analyse(long));
  });

  it('refuses what is no stored report, and says what it lacks', () => {
    const document = stored(seedReport) as { oom: { report: Record<string, unknown> }; event: { original: string } };
    expect(faultOf(undefined)).toBe('it holds no oom.report');
    expect(faultOf({ oom: { verdict: 'manual' } })).toBe('it holds no oom.report');
    for (const key of ['action', 'trust', 'anchor', 'recognisedLines', 'complete']) {
      const { [key]: _, ...rest } = document.oom.report;
      const fault = faultOf({ ...document, oom: { ...document.oom, report: rest } });
      expect(fault, key).toMatch(`oom.report.${key} is missing, expected `);
    }
    const { lineMarks: _, ...rest } = document.oom.report;
    expect(faultOf({ ...document, oom: { ...document.oom, report: rest } })).toMatch(/lineMarks/);
    expect(faultOf({ ...document, event: { original: 'one line' } })).toMatch(/event\.original.*lineMarks/);
  });

  it.each<[string, (report: Record<string, Record<string, unknown>[]>) => void, string]>([
    [
      'a zone without its name',
      ({ zones }) => delete zones?.[1]?.['name'],
      'zones[1].name is missing, expected a text',
    ],
    [
      'a text in place of a number',
      ({ zones }) => Object.assign(zones?.[0] ?? {}, { freeKb: '12' }),
      'zones[0].freeKb is "12", expected a number',
    ],
    ['null in a list', ({ tasks }) => tasks?.splice(2, 1, Object(null)), 'tasks[2].line is missing, expected a number'],
    [
      'no whole number of lines, which would make no version',
      (report) => Object.assign(report, { recognisedLines: 1.5 }),
      'recognisedLines is 1.5, expected a whole number',
    ],
    [
      'another word than those of a closed list',
      ({ anchor }) => Object.assign(anchor ?? {}, { kind: 'x'.repeat(100) }),
      'anchor.kind is a string of 102 characters, expected one of kill, trigger, other',
    ],
  ])('names the place of %s', (_name, mutate, expected) => {
    const document = stored(seedReport) as { oom: { report: Record<string, Record<string, unknown>[]> } };
    mutate(document.oom.report);
    expect(faultOf(document)).toBe(`oom.report.${expected}`);
  });

  it.each([
    ['more lines than there are', { count: 3, blocks: [[null, 1e9]], bootUs: [], offsets: [] }],
    ['lines by the thousand million', { count: 1e9, blocks: [[null, 1e9]], bootUs: [[1, 1e9]], offsets: [[1, 1e9]] }],
    ['less than no line', { count: 1, blocks: [[null, -1]], bootUs: [[1, -1]], offsets: [[1, -1]] }],
    ['runs of something else', { count: 1, blocks: [null], bootUs: ['a'], offsets: [[{}, 1]] }],
  ])('makes no lines of marks that tell of %s', (_name, lineMarks) => {
    const document = stored(seedReport) as { oom: { report: Record<string, unknown> } };
    const report = { ...document.oom.report, lineMarks };
    expect(faultOf({ ...document, oom: { ...document.oom, report } })).toMatch(/lineMarks/);
  });

  it('takes a list that the writer did not know for an empty one', () => {
    const document = stored(seedReport) as { oom: { report: Record<string, unknown> } };
    const { slabCaches: _, ...rest } = document.oom.report;
    expect(readBack({ ...document, oom: { ...document.oom, report: rest } }).slabCaches).toEqual([]);
  });
});
