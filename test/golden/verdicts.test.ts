/**
 * Verdict and holder of real logs against their answer key, where a folder of such logs is at hand: OOMSCOPE_CORPUS names a folder
 * with *.log, truth.jsonl and verdicts.jsonl.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis, OomReport } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';

/** Stands for a value that the log does not settle. */
const ANY = '?';
const LEAST_AGREEMENT = 0.95;

interface Answer {
  readonly verdict: readonly string[];
  readonly holder: readonly string[];
  readonly swap: string;
  readonly highmem: boolean | null;
  readonly zone: string | null;
  readonly gfpZone: string | null;
  readonly lowmem?: boolean | null;
}

interface Truth {
  readonly triggerComm: string | null;
  readonly gfpMask: string | null;
  readonly constraint: string | null;
  readonly kills: typeof ANY | readonly { readonly pid: number | null; readonly comm: string }[];
}

interface Row<Report> {
  readonly file: string;
  readonly reports: readonly Report[];
}

const folder = process.env['OOMSCOPE_CORPUS'];
const key = folder === undefined ? undefined : join(folder, 'verdicts.jsonl');
const isThere = key !== undefined && existsSync(key);
if (!isThere)
  console.warn('OOMSCOPE_CORPUS names no folder with verdicts.jsonl: verdicts of real logs are NOT tested.');

function readRows<Report>(path: string): Row<Report>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row<Report>);
}

type Keys = readonly (string | null | undefined)[];

const wantedKeys = ({ kills, triggerComm, gfpMask, constraint }: Truth): Keys => {
  const first = kills === ANY ? undefined : kills[0];
  const victim = kills === ANY ? ANY : first ? `${first.pid}/${first.comm}` : null;
  return [victim, triggerComm, gfpMask, constraint];
};

const givenKeys = ({ kills, trigger, summary }: OomReport): Keys => {
  const [first] = kills;
  return [first ? `${first.pid}/${first.comm}` : null, trigger?.name, trigger?.gfpMask, summary?.constraint];
};

const distance = (wanted: Keys, given: Keys): number =>
  wanted.filter((value, index) => value !== ANY && (value ?? null) !== (given[index] ?? null)).length;

/** Pairs in order, or by the least edit distance where the numbers differ. Skipping two costs more than the worst pair. */
function align(truths: readonly Truth[], reports: readonly OomReport[]): Map<number, OomReport> {
  if (truths.length === reports.length) return new Map([...reports.entries()]);
  const skip = 2.5;
  const wanted = truths.map(wantedKeys);
  const given = reports.map(givenKeys);
  const cost: number[][] = [];
  const at = (i: number, j: number): number => cost[i]?.[j] ?? Number.POSITIVE_INFINITY;
  const pair = (i: number, j: number): number => at(i - 1, j - 1) + distance(wanted[i - 1] ?? [], given[j - 1] ?? []);
  for (let i = 0; i <= truths.length; i += 1) {
    const row: number[] = [];
    cost.push(row);
    for (let j = 0; j <= reports.length; j += 1) {
      row.push(i === 0 || j === 0 ? (i + j) * skip : Math.min(pair(i, j), at(i - 1, j) + skip, at(i, j - 1) + skip));
    }
  }
  const pairs = new Map<number, OomReport>();
  let i = truths.length;
  let j = reports.length;
  while (i > 0 && j > 0) {
    const report = reports[j - 1];
    if (pair(i, j) === at(i, j) && report) {
      pairs.set(i - 1, report);
      i -= 1;
      j -= 1;
    } else if (at(i - 1, j) + skip === at(i, j)) i -= 1;
    else j -= 1;
  }
  return pairs;
}

interface Case {
  readonly name: string;
  readonly answer: Answer;
  readonly report: OomReport | undefined;
  readonly analysis: Analysis | undefined;
}

function readCases(directory: string): Case[] {
  const truths = new Map(readRows<Truth>(join(directory, 'truth.jsonl')).map((row) => [row.file, row.reports]));
  return readRows<Answer>(join(directory, 'verdicts.jsonl')).flatMap(({ file, reports: answers }) => {
    const text = readFileSync(join(directory, file), 'utf8');
    const events = parseText(text).filter((report) => report.action !== 'page-allocation-failure');
    const pairs = align(truths.get(file) ?? [], events);
    return answers.map((answer, index) => {
      const report = pairs.get(index);
      return { name: `${file} #${index + 1}`, answer, report, analysis: report && analyse(report) };
    });
  });
}

/** Names of the cases that do not agree, with what was given. */
const disagreeing = (cases: readonly Case[], agrees: (one: Case) => boolean, given: (one: Case) => unknown): string[] =>
  cases.filter((one) => !agrees(one)).map((one) => `${one.name}: ${String(given(one))}`);

describe.skipIf(!isThere)('verdicts of real logs', () => {
  const cases = isThere && folder !== undefined ? readCases(folder) : [];
  const allowed = Math.floor(cases.length * (1 - LEAST_AGREEMENT));

  const most = (wrong: readonly string[]): void => {
    if (wrong.length > 0) console.warn(wrong.join('\n'));
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(allowed);
  };

  it('agree on the verdict', () => {
    expect(cases.length).toBeGreaterThan(0);
    most(
      disagreeing(
        cases,
        ({ answer, analysis }) => answer.verdict.includes(analysis?.verdict ?? ''),
        ({ analysis }) => analysis?.verdict,
      ),
    );
  });

  it('agree on the holder', () => {
    most(
      disagreeing(
        cases,
        ({ answer, analysis }) => answer.holder.includes(analysis?.holder ?? ''),
        ({ analysis }) => analysis?.holder,
      ),
    );
  });

  it('agree on swap, on lowmem and on the zone', () => {
    most(
      disagreeing(
        cases,
        ({ answer, analysis, report }) => {
          const zones = [answer.zone, answer.gfpZone].filter((zone) => zone !== null);
          const given = [analysis?.gfp?.zone, analysis?.zonelist[0]?.zone];
          return (
            answer.swap === analysis?.swapState &&
            (zones.length === 0 || zones.some((zone) => given.includes(zone))) &&
            (typeof answer.lowmem !== 'boolean' || answer.lowmem === analysis.lowmem?.exhausted) &&
            (answer.highmem === null || answer.highmem === report?.highmem32)
          );
        },
        ({ analysis }) => `${analysis?.swapState} ${analysis?.gfp?.zone} ${analysis?.lowmem?.exhausted}`,
      ),
    );
  });

  it('say nothing that is undefined', () => {
    for (const { name, analysis } of cases) {
      const text = `${analysis?.sentence} ${analysis?.paragraph} ${JSON.stringify(analysis?.findings)}`;
      expect(text, name).not.toMatch(/undefined|NaN|Infinity/);
    }
  });
});
