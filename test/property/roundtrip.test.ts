import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OomReport } from '../../src/domain.ts';
import { parseText } from '../../src/parser/index.ts';
import { dialectOf } from '../../src/simulate/dialect.ts';
import {
  applyDamage,
  KERNELS,
  type KernelName,
  printRecords,
  printReport,
  type ReportState,
  render,
  SCENARIO_NAMES,
  SCENARIOS,
  type ScenarioName,
  scenarioState,
  tear,
} from '../../src/simulate/index.ts';
import { printedZones } from '../../src/simulate/print/zone.ts';
import type { IssueCode } from '../../src/tables/issues.ts';

/** Keys that say where a value stood, or how the line was put together; the printer knows nothing of them. */
const PLACES = new Set(['line', 'reserveLine', 'buddyLine', 'other', 'buddyTotalKb', 'buddyUnitKb']);

/** Every number that was read is the one that was to be printed; what the state does not name is printed as zero. */
function expectPrinted(read: object, state: object, what: string): void {
  const wanted = new Map(Object.entries(state));
  for (const [key, value] of Object.entries(read)) {
    if (PLACES.has(key) || typeof value !== 'number') continue;
    expect(value, `${what} ${key}`).toBe(wanted.get(key) ?? 0);
  }
}

const CASES = SCENARIO_NAMES.flatMap((name) => SCENARIOS[name].kernels.map((kernel) => [name, kernel] as const));

function stateOf(name: ScenarioName, kernel: KernelName, seed: number): ReportState {
  return scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed });
}

function parseOne(lines: readonly string[]): OomReport {
  const reports = parseText(`${lines.join('\n')}\n`, { path: 'roundtrip.log' });
  expect(reports).toHaveLength(1);
  const [report] = reports;
  if (!report) throw new Error('no report was read');
  return report;
}

function expectSame(report: OomReport, state: ReportState): void {
  const dialect = dialectOf(state.kernel);
  const zones = printedZones(state, dialect).filter((zone) => (zone.presentKb ?? 0) > 0);
  if (report.trigger) {
    const { trigger } = state;
    if (report.trigger.name !== undefined) expect(report.trigger.name).toBe(trigger.name);
    if (report.trigger.gfpMask !== undefined) expect(report.trigger.gfpMask).toBe(trigger.gfpMask);
    if (report.trigger.gfpText !== undefined) expect(report.trigger.gfpText).toBe(trigger.gfpText);
    if (report.trigger.order !== undefined) expect(report.trigger.order).toBe(trigger.order);
  }
  if (report.memInfo) expectPrinted(report.memInfo, state.memInfo, 'memInfo');
  if (report.totals) expectPrinted(report.totals, state.totals, 'totals');
  const readZones = report.zones.filter((zone) => (zone.presentKb ?? 0) > 0);
  if (readZones.length > 0) expect(readZones.map((zone) => zone.name)).toEqual(zones.map((zone) => zone.name));
  for (const [index, zone] of readZones.entries()) {
    const printed = zones[index] ?? {};
    expectPrinted(zone, printed, `zone ${zone.name}`);
    expect(zone.lowmemReservePages).toEqual(zones[index]?.lowmemReservePages);
    expect(zone.buddyCounts).toEqual(zones[index]?.buddyCounts);
    expect(zone.buddyTotalKb).toBe(zones[index]?.freeKb);
  }
  for (const [index, node] of report.nodes.entries()) {
    // 4.8 prints four counters in each other's places.
    if (!state.kernel.release.startsWith('4.8.')) expectPrinted(node, state.nodes[index] ?? {}, `node ${index}`);
  }
  if (report.tasks.length > 0) {
    expect(report.taskCount).toBe(state.tasks.length);
    for (const [index, task] of report.tasks.entries()) {
      expectPrinted(task, state.tasks[index] ?? {}, `task ${index}`);
      expect(task.comm).toBe(state.tasks[index]?.comm);
    }
  }
  expect(report.kills.map(({ comm }) => comm)).toEqual(state.kills.map(({ comm }) => comm));
  for (const [index, kill] of report.kills.entries()) expectPrinted(kill, state.kills[index] ?? {}, `kill ${index}`);
  if (report.memcg && state.memcg) {
    expect(report.memcg.usageKb).toBe(state.memcg.usageKb);
    expect(report.memcg.limitKb).toBe(state.memcg.limitKb);
    if (report.memcg.path !== undefined) expect(report.memcg.path).toBe(state.memcg.path);
    if (report.memcg.stats && !report.memcg.statsTruncated) expect(report.memcg.stats).toEqual(state.memcg.stats);
    const children = report.memcg.children?.map(({ path, stats }) => ({ path, stats }));
    if (report.memcg.stats) expect(children ?? []).toEqual(state.memcg.children ?? []);
  }
}

/** RHEL3's dump has no fields in the domain; its kill line is read like any other. */
const isReadable = (name: ScenarioName): boolean => name !== 'kill-2.4';

/** What a reader may find wrong with a whole report, because the kernel prints it so. */
function excused(state: ReportState): IssueCode | undefined {
  const { memcgTaskLine, totals } = dialectOf(state.kernel);
  // 3.15 and 3.16 send the first line of the memory-cgroup block in pieces.
  if (state.memcg && memcgTaskLine === 'three') return 'line-cut';
  // Up to 2.6.24 free swap is printed twice, in two wordings.
  return totals === 'old' ? 'duplicate-line' : undefined;
}

describe('state -> lines -> report', () => {
  test.each(CASES.filter(([name]) => isReadable(name)))('%s on %s', (name, kernel) => {
    const state = stateOf(name, kernel, 3);
    const report = parseOne(printReport(state));
    expectSame(report, state);
    // Whether RHEL 8.1 prints the summary is not known; here it does not, as its trigger line still has a nodemask.
    if (state.ending !== 'kill-without-header' && kernel !== 'rhel8-147') {
      expect(report.missing).toEqual([]);
      expect(report.complete).toBe(true);
    }
    expect(report.issues.filter(({ code }) => code !== excused(state))).toEqual([]);
  });

  test('any scenario, kernel and seed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CASES.filter(([name]) => isReadable(name))),
        fc.nat(1_000_000),
        ([name, kernel], seed) => {
          const state = stateOf(name, kernel, seed);
          expectSame(parseOne(printReport(state)), state);
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('what was lost is missing', () => {
  const state = stateOf('exhausted-no-swap', '6.8', 5);
  const whole = printReport(state);
  test.each([
    ['invoked oom-killer', 'trigger'],
    ['Comm: ', 'task-header'],
    ['Normal free:', 'zones'],
    ['Normal: ', 'buddy'],
    ['pages RAM', 'totals'],
    ['oom-kill:constraint', 'summary'],
    ['Killed process', 'kill'],
  ] as const)('%s', (containing, section) => {
    const { lines, lost } = applyDamage(whole, [{ kind: 'lose', containing }]);
    expect(lost.length).toBeGreaterThan(0);
    const report = parseOne(lines);
    expect(report.missing).toContain(section);
    expect(report.complete).toBe(false);
  });
});

describe('damage that loses nothing changes nothing', () => {
  test.each([
    ['wrapped at 80 columns', [{ kind: 'wrap', columns: 80 }]],
    ['wrapped at 199 columns', [{ kind: 'wrap', columns: 199 }]],
    ['quoted twice', [{ kind: 'quote', depth: 2 }]],
    ['an empty line after each', [{ kind: 'double-spaced' }]],
    [
      'foreign lines between',
      [{ kind: 'foreign', lines: ['usb 2-1: new high-speed USB device number 4 using ehci-pci'] }],
    ],
  ] as const)('%s', (_, damages) => {
    for (const [name, kernel] of [
      ['lowmem-slab', '3.2'],
      ['exhausted-no-swap', '6.8'],
      ['memcg-v1', 'rhel7'],
    ] as const) {
      const state = stateOf(name, kernel, 8);
      const { lines } = applyDamage(printReport(state), damages, 3);
      expectSame(parseOne(lines), state);
    }
  });

  test('some lines twice, with their stamps', () => {
    const state = stateOf('memcg-v1', 'rhel7', 8);
    const stamped = render(printRecords(state), 'dmesg', { host: '', startMs: 0, bootUs: 5_000_000_000 });
    for (let seed = 1; seed <= 20; seed += 1) {
      const { lines } = applyDamage(stamped, [{ kind: 'duplicate', count: 6 }], seed);
      expectSame(parseOne(lines), state);
    }
  });
  test.each(['dmesg', 'dmesg-caller', 'rfc3164-file'] as const)('lines torn between their pieces, in %s', (style) => {
    for (const [name, kernel] of [
      ['exhausted-no-swap', '6.8'],
      ['exhausted-swap-full', '4.4'],
      ['lowmem-slab', '3.2'],
    ] as const) {
      for (let seed = 1; seed <= 10; seed += 1) {
        const state = stateOf(name, kernel, seed);
        const whole = printRecords(state);
        // The first reserve line tells the reader how many entries the others have.
        const from = whole.findIndex((record) => record.startsWith('lowmem_reserve')) + 1;
        const records = [...whole.slice(0, from), ...tear(whole.slice(from), 4, seed)];
        expectSame(parseOne(render(records, style, { host: 'h', startMs: 0, bootUs: 5_000_000_000 })), state);
      }
    }
  });
});
