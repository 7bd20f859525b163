import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { HOLDERS, VERDICTS } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { seedReport } from '../../support/seed-report.ts';

type Tree = Record<string, unknown> | unknown[];

/** Paths of every number in a report, outside of its lines and positions. */
function numberPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'number') return [[...path]];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value)
    .filter(([key]) => !['lines', 'line', 'firstPosition', 'lastPosition', 'version'].includes(key))
    .flatMap(([key, child]) => numberPaths(child, [...path, key]));
}

/** Numbers that every report, row or pool has. */
const REQUIRED = ['taskCount', 'recognisedLines', 'pid', 'cpu'];

/** The report with the number at `path` replaced, or taken out. */
function damaged(report: OomReport, path: readonly string[], value: number | undefined): OomReport {
  const copy = structuredClone(report);
  let at: Tree = copy as unknown as Tree;
  for (const key of path.slice(0, -1)) at = (at as Record<string, Tree>)[key] as Tree;
  const last = path.at(-1) ?? '';
  if (value !== undefined || REQUIRED.includes(last)) (at as Record<string, unknown>)[last] = value ?? 0;
  else if (!Array.isArray(at)) delete at[last];
  return copy;
}

const PATHS = numberPaths(seedReport);
const anyPath = fc.constantFrom(...PATHS);
const anyNumber = fc.oneof(fc.constantFrom(undefined, 0, 1, -1, 2 ** 31, 2 ** 53), fc.integer());
const damages = fc.array(fc.tuple(anyPath, anyNumber), { minLength: 1, maxLength: 12 });

const wordsOf = (report: OomReport): string => {
  const { sentence, paragraph, findings, advice } = analyse(report);
  return JSON.stringify([sentence, paragraph, findings, advice]);
};

describe('the analysis of any report', () => {
  it('has an answer from the closed lists and says nothing undefined', () => {
    fc.assert(
      fc.property(damages, (list) => {
        const report = list.reduce((sum, [path, value]) => damaged(sum, path, value), seedReport);
        const analysis = analyse(report);
        expect(VERDICTS).toContain(analysis.verdict);
        expect(HOLDERS).toContain(analysis.holder);
        expect(wordsOf(report)).not.toMatch(/undefined|NaN|Infinity/);
      }),
      { numRuns: 300 },
    );
  });

  it('depends on nothing but the report', () => {
    fc.assert(
      fc.property(damages, (list) => {
        const report = list.reduce((sum, [path, value]) => damaged(sum, path, value), seedReport);
        expect(analyse(structuredClone(report))).toEqual(analyse(report));
      }),
      { numRuns: 50 },
    );
  });

  it('has evidence that points at lines of the report', () => {
    const { evidence, findings } = analyse(seedReport);
    for (const { line } of [...evidence, ...findings.flatMap((finding) => finding.evidence)]) {
      if (line !== undefined) expect(seedReport.lines[line]).toBeDefined();
    }
  });

  it('copes with very long tables', () => {
    const row = seedReport.tasks[0];
    if (!row) throw new Error('the seed report has a table');
    const tasks = Array.from({ length: 200_000 }, (_item, pid) => ({ ...row, pid, tgid: pid }));
    const analysis = analyse({ ...seedReport, tasks, taskCount: tasks.length });
    expect(analysis.findings.map((finding) => finding.code)).toContain('fork-bomb');
  });
});
