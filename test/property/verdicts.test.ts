import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/enrich/index.ts';
import { parseText } from '../../src/parser/index.ts';
import { KERNELS, printReport, SCENARIO_NAMES, SCENARIOS, scenarioState } from '../../src/simulate/index.ts';

/**
 * Printer, parser and enricher were written apart from each other: what the simulator set up must come out as the answer.
 */
describe.each(SCENARIO_NAMES)('%s', (name) => {
  const scenario = SCENARIOS[name];
  test.each(scenario.kernels)('on %s', (kernel) => {
    for (const seed of [3, 17, 2026]) {
      const state = scenarioState(scenario, { kernel: KERNELS[kernel], seed });
      const [report] = parseText(`${printReport(state).join('\n')}\n`, { path: 'simulated.log' });
      if (!report) throw new Error('no report was read');
      const { verdict, holder, swapState, findings } = analyse(report);
      expect({ verdict, holder, swapState }).toEqual({
        verdict: scenario.verdict,
        holder: scenario.holder,
        swapState: scenario.swapState,
      });
      expect(findings.map(({ code }) => code)).not.toContain('score-disagrees');
    }
  });
});
