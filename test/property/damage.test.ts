import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import {
  applyDamage,
  type Damage,
  interleave,
  KERNELS,
  printRecords,
  printReport,
  render,
  SCENARIO_NAMES,
  SCENARIOS,
  STYLES,
  scenarioState,
} from '../../src/simulate/index.ts';

const CASES = SCENARIO_NAMES.flatMap((name) => SCENARIOS[name].kernels.map((kernel) => [name, kernel] as const));

const scenario = fc.tuple(fc.constantFrom(...CASES), fc.nat(100_000));
const textStyle = fc.constantFrom(...STYLES.filter((style) => !style.endsWith('json')));

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('wrap' as const), columns: fc.integer({ min: 40, max: 250 }) }),
  fc.record({ kind: fc.constant('lose-some' as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('duplicate' as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('quote' as const), depth: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('cut' as const), columns: fc.integer({ min: 20, max: 400 }) }),
  fc.constant<Damage>({ kind: 'double-spaced' }),
  fc.constant<Damage>({ kind: 'quoted-printable' }),
  fc.constant<Damage>({ kind: 'lose-head', until: 'Mem-Info:' }),
  fc.constant<Damage>({ kind: 'lose-tail', from: 'pages RAM' }),
);

const OCCASION = { host: 'web01', startMs: Date.UTC(2026, 4, 6, 7, 8, 9), bootUs: 77_000_000_000 };

const runs = process.env['OOMSCOPE_FUZZ'] ? 5000 : 150;

describe('damaged reports', () => {
  test('are read without an exception, and what is read can be analysed', () => {
    fc.assert(
      fc.property(
        scenario,
        textStyle,
        fc.array(damage, { maxLength: 3 }),
        fc.nat(),
        ([[name, kernel], seed], style, list, roll) => {
          const records = printRecords(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed }));
          const { lines } = applyDamage(render(records, style, OCCASION), list, roll);
          for (const report of parseText(lines.join('\n'), { path: 'damaged.log' })) analyse(report);
        },
      ),
      { numRuns: runs, seed: 3 },
    );
  });

  test('name no victim but those that were killed, unless lines were cut or wrapped', () => {
    const harmless = damage.filter(({ kind }) => kind !== 'cut' && kind !== 'wrap' && kind !== 'quoted-printable');
    fc.assert(
      fc.property(scenario, fc.array(harmless, { maxLength: 3 }), fc.nat(), ([[name, kernel], seed], list, roll) => {
        const state = scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed });
        const { lines } = applyDamage(render(printRecords(state), 'dmesg', OCCASION), list, roll);
        const killed = new Set(state.kills.map(({ pid }) => pid));
        for (const report of parseText(lines.join('\n'), { path: 'damaged.log' })) {
          for (const { pid } of report.kills) if (pid !== undefined) expect(killed).toContain(pid);
        }
      }),
      { numRuns: runs, seed: 4 },
    );
  });

  test('of several lost lines at least one is noticed when a whole block goes', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const state = scenarioState(SCENARIOS['exhausted-no-swap'], { kernel: KERNELS['6.8'], seed });
        const { lines, lost } = applyDamage(printReport(state), [{ kind: 'lose', containing: 'free:' }]);
        expect(lost.length).toBeGreaterThan(3);
        const [report] = parseText(lines.join('\n'), { path: 'damaged.log' });
        expect(report?.complete).toBe(false);
        expect(report?.missing).toContain('zones');
      }),
      { numRuns: 20, seed: 5 },
    );
  });
});

describe('two reports at once', () => {
  test('of two processors keep their own victims', () => {
    const first = scenarioState(SCENARIOS['memcg-pod'], { kernel: KERNELS['6.12'], seed: 5 });
    const second = scenarioState(SCENARIOS['memcg-shmem'], { kernel: KERNELS['6.12'], seed: 6 });
    const style = 'dmesg-caller';
    const mixed = interleave(
      render(printRecords(first), style, { ...OCCASION, callerId: 'T811' }),
      render(printRecords(second), style, { ...OCCASION, callerId: 'T902' }),
      9,
    );
    const reports = parseText(mixed.join('\n'), { path: 'two.log' });
    const victims = reports.flatMap(({ kills }) => kills.map(({ pid }) => pid)).sort();
    expect(victims).toEqual([first.kills[0]?.pid, second.kills[0]?.pid].sort());
    for (const report of reports) {
      const state = report.kills[0]?.pid === first.kills[0]?.pid ? first : second;
      expect(report.trigger?.name).toBe(state.trigger.name);
      expect(report.memcg?.limitKb).toBe(state.memcg?.limitKb);
      expect(report.taskCount).toBe(state.tasks.length);
    }
  });
});
