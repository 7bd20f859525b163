import { describe, expect, it } from 'vitest';
import { readReport, toDocument, toWrite } from '../../../src/document/index.ts';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { parseText } from '../../../src/parser/index.ts';
import {
  KERNELS,
  printReport,
  SCENARIO_NAMES,
  SCENARIOS,
  scenarioState,
  seedTwinLog,
} from '../../../src/simulate/index.ts';
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

describe('readReport', () => {
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
