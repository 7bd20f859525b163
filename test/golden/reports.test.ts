/** What is read from each kind of event as each kernel prints it: one page per scenario and kernel. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseText } from '../../src/parser/index.ts';
import { KERNELS, printReport, SCENARIO_NAMES, SCENARIOS, scenarioState } from '../../src/simulate/index.ts';
import { reportPage } from '../support/report-page.ts';

const CASES = SCENARIO_NAMES.flatMap((name) => SCENARIOS[name].kernels.map((kernel) => [name, kernel] as const));

describe('the reading of', () => {
  test.each(CASES)('%s on %s', async (name, kernel) => {
    const text = printReport(scenarioState(SCENARIOS[name], { kernel: KERNELS[kernel], seed: 11 })).join('\n');
    const pages = parseText(text, { path: 'x' }).map(reportPage);
    await expect(pages.join('\n')).toMatchFileSnapshot(join(import.meta.dirname, 'reports', name, `${kernel}.txt`));
  });
});
