/**
 * Real kernel logs with known contents. They are no part of the project: OOMSCOPE_CORPUS names a folder with *.log and
 * truth.jsonl; without it the tests are skipped, loudly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OomReport, Zone } from '../../src/domain.ts';
import { parseText } from '../../src/parser/index.ts';

const folder = process.env['OOMSCOPE_CORPUS'];
const truthFile = folder === undefined ? undefined : join(folder, 'truth.jsonl');

type Truth = Readonly<Record<string, unknown>>;
interface Log {
  file: string;
  reports: Truth[];
  extraReports?: number;
}

/** "?" in the truth: the log does not settle it. */
const OPEN = '?';

const readLogs = (): Log[] => {
  if (truthFile === undefined || !existsSync(truthFile)) return [];
  return readFileSync(truthFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Log);
};

const zoneOf = (zone: Zone) => ({
  node: zone.node ?? null,
  name: zone.name,
  freeKb: zone.freeKb ?? null,
  minKb: zone.minKb ?? null,
  lowKb: zone.lowKb ?? null,
  highKb: zone.highKb ?? null,
  presentKb: zone.presentKb ?? null,
  managedKb: zone.managedKb ?? null,
  lowmemReservePages: zone.lowmemReservePages ?? null,
  buddyCounts: zone.buddyCounts ?? null,
});

/** A report in the words of the truth. */
const factsOf = (report: OomReport): Truth => ({
  triggerComm: report.trigger?.name ?? null,
  triggerPid: report.trigger?.pid ?? null,
  gfpMask: report.trigger?.gfpMask ?? null,
  order: report.trigger?.order ?? null,
  oomScoreAdj: report.trigger?.oomScoreAdj ?? null,
  oomAdj: report.trigger?.oomAdj ?? null,
  constraint: report.summary?.constraint ?? null,
  scope: report.scope,
  kernelRelease: report.taskHeader?.release ?? null,
  kills: report.kills.map((kill) => ({
    pid: kill.pid ?? null,
    comm: kill.comm,
    anonRssKb: kill.anonRssKb ?? null,
    fileRssKb: kill.fileRssKb ?? null,
    shmemRssKb: kill.shmemRssKb ?? null,
    totalVmKb: kill.totalVmKb ?? null,
  })),
  tableRows: report.taskCount,
  zones: report.zones.map(zoneOf),
  totals: {
    ramPages: report.totals?.ramPages ?? null,
    highmemPages: report.totals?.highmemPages ?? null,
    reservedPages: report.totals?.reservedPages ?? null,
    freeSwapKb: report.totals?.freeSwapKb ?? null,
    totalSwapKb: report.totals?.totalSwapKb ?? null,
  },
  memInfoFreePages: report.memInfo?.freePages ?? null,
  memcg:
    report.scope === 'memcg' && report.memcg
      ? {
          usageKb: report.memcg.usageKb ?? null,
          limitKb: report.memcg.limitKb ?? null,
          path: report.memcg.path ?? null,
        }
      : null,
  complete: report.complete,
  highmem32: report.highmem32,
});

/** The facts with what the truth leaves open replaced by what it says. */
function settled(truth: unknown, got: unknown): unknown {
  if (truth === OPEN) return OPEN;
  if (Array.isArray(truth) && Array.isArray(got)) return got.map((each, index) => settled(truth[index], each));
  if (isFields(truth) && isFields(got)) {
    return Object.fromEntries(Object.keys(got).map((key) => [key, settled(truth[key], got[key])]));
  }
  return got;
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What tells reports apart where a log may be read in more than one way: trigger, mask and first victim. */
function isSame(truth: Truth, facts: Truth): boolean {
  const victimOf = (kills: unknown) => {
    const first = Array.isArray(kills) ? kills[0] : undefined;
    return isFields(first) ? first['pid'] : null;
  };
  return (
    [truth['triggerComm'], OPEN].includes(facts['triggerComm'] as string) &&
    [truth['gfpMask'], OPEN].includes(facts['gfpMask'] as string) &&
    (truth['kills'] === OPEN || victimOf(truth['kills']) === victimOf(facts['kills']))
  );
}

/** The first report after the last one matched that is the truth's. */
function inOrder(reports: readonly Truth[], found: readonly OomReport[]): (OomReport | undefined)[] {
  let from = 0;
  return reports.map((truth) => {
    const at = found.findIndex((report, index) => index >= from && isSame(truth, factsOf(report)));
    if (at >= 0) from = at + 1;
    return found[at];
  });
}

describe.skipIf(truthFile === undefined)('real logs', () => {
  const logs = readLogs();

  it('are there', () => {
    expect(logs.length, `${truthFile} holds no logs`).toBeGreaterThan(0);
  });

  it.each(logs)('$file', ({ file, reports, extraReports = 0 }) => {
    const text = readFileSync(join(folder ?? '', file), 'utf8');
    const found = parseText(text, { path: file }).filter(({ action }) => action !== 'page-allocation-failure');
    expect(found.length).toBeGreaterThanOrEqual(reports.length);
    expect(found.length).toBeLessThanOrEqual(reports.length + extraReports);
    const matched = found.length === reports.length ? found : inOrder(reports, found);
    for (const [index, truth] of reports.entries()) {
      const report = matched[index];
      expect(report, `report ${index + 1}`).toBeDefined();
      if (!report) continue;
      const { missing, ...wanted } = truth;
      expect(settled(wanted, factsOf(report)), `report ${index + 1}`).toEqual(wanted);
      if (!Array.isArray(missing)) continue;
      const named = missing.map((name) => String(name));
      const certain = named.filter((name) => !name.endsWith(OPEN));
      const allowed = named.map((name) => name.replace(/\?$/, ''));
      expect(report.missing, `report ${index + 1} missing`).toEqual(expect.arrayContaining(certain));
      expect(allowed, `report ${index + 1} missing`).toEqual(expect.arrayContaining([...report.missing]));
    }
  });
});
