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
      const read = readReport(stored(report));
      expect(read).toEqual(report);
      if (read) expect(toWrite(read, analyse(read))).toEqual(toWrite(report, analyse(report)));
    }
  });

  it('gives back what other shapes of text became', () => {
    const twin = seedTwinLog({ lost: true, wrapColumns: 199 }).join('\n');
    for (const report of [seedReport, ...parseText(twin)]) expect(readReport(stored(report))).toEqual(report);
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
      for (const report of parseText(lines.join('\n'))) expect(readReport(stored(report))).toEqual(report);
    }
  });

  it('gives back the reports of a fleet, whatever their shippers wrote', () => {
    const { writes } = simulateMonth({ hosts: 400, noisePerHost: 5 });
    expect(writes.length).toBeGreaterThan(40);
    for (const { document, version } of writes) {
      const read = readReport(JSON.parse(JSON.stringify(document)));
      if (!read) throw new Error('not read back');
      expect(toWrite(read, analyse(read))).toMatchObject({ document, version });
    }
  });

  it.skipIf(CORPUS.length === 0)('gives back every report of the real logs', () => {
    for (const { name, text } of CORPUS) {
      for (const report of parseText(text)) {
        const read = readReport(stored(report));
        expect(read, name).toEqual(report);
        if (read) expect(analyse(read), name).toEqual(analyse(report));
      }
    }
  });

  it('gives back hosts, labels, stamps and positions', () => {
    const report = fullReport();
    const document = JSON.parse(JSON.stringify(toDocument(report, fullAnalysis())));
    expect(readReport(document)).toEqual(report);
  });

  it('gives back a report that is too long for event.original, but for the texts left out', () => {
    const [report] = parseText(printed[0]?.[1] ?? '');
    if (!report) throw new Error('no report');
    const long = { ...report, lines: report.lines.map((line) => ({ ...line, text: line.text.padEnd(2000, '.') })) };
    const read = readReport(stored(long));
    expect(read?.lines).toHaveLength(long.lines.length);
    const empty = read?.lines.filter((line) => line.text === '').length ?? 0;
    expect(empty).toBeGreaterThan(10);
    const texts = read?.lines.map((line, index) => ({ ...line, text: line.text || (long.lines[index]?.text ?? '') }));
    expect({ ...read, lines: texts }).toEqual(long);
    if (read) expect(analyse(read)).toEqual(analyse(long));
  });

  it('refuses what is no stored report', () => {
    const document = stored(seedReport) as { oom: { report: Record<string, unknown> }; event: { original: string } };
    expect(readReport(undefined)).toBeUndefined();
    expect(readReport({ oom: { verdict: 'manual' } })).toBeUndefined();
    for (const key of ['action', 'anchor', 'recognisedLines', 'complete', 'lineMarks']) {
      const { [key]: _, ...rest } = document.oom.report;
      expect(readReport({ ...document, oom: { ...document.oom, report: rest } }), key).toBeUndefined();
    }
    expect(readReport({ ...document, event: { original: 'one line' } })).toBeUndefined();
  });

  it('takes a list that the writer did not know for an empty one', () => {
    const document = stored(seedReport) as { oom: { report: Record<string, unknown> } };
    const { slabCaches: _, ...rest } = document.oom.report;
    expect(readReport({ ...document, oom: { ...document.oom, report: rest } })?.slabCaches).toEqual([]);
  });
});
