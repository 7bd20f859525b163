import { describe, expect, test } from 'vitest';
import {
  KERNELS,
  type KernelName,
  printRecords,
  render,
  SCENARIOS,
  type ScenarioName,
  type Style,
  scenarioState,
  seedTwinLog,
} from '../../src/simulate/index.ts';

const EXAMPLES: readonly [string, ScenarioName, KernelName, Style, string][] = [
  ['memcg-limit', 'memcg-pod', '6.8', 'iso-file', 'node14'],
  ['machine-exhausted', 'exhausted-swap-full', '5.15', 'rfc3164-file', 'map03'],
  ['fragmented', 'fragmented', '4.9', 'dmesg', ''],
  ['slab-leak', 'slab-leak', '5.15', 'rfc3164-file', 'fw02'],
  ['cgroup-v1', 'memcg-v1', 'rhel7', 'imjournal-file', 'web11'],
];

/** The dumps that the README shows are printed by the simulator and stay in step with it. */
describe('examples', () => {
  test('lowmem-exhausted.log is the seed twin as it was pasted: two lines lost, wrapped at 199 columns', async () => {
    const text = `${seedTwinLog({ lost: true, wrapColumns: 199 }).join('\n')}\n`;
    await expect(text).toMatchFileSnapshot('../../examples/lowmem-exhausted.log');
  });

  test.each(EXAMPLES)('%s.log', async (file, scenario, kernel, style, host) => {
    const records = printRecords(scenarioState(SCENARIOS[scenario], { kernel: KERNELS[kernel], seed: 4 }));
    const lines = render(records, style, { host, startMs: Date.UTC(2026, 2, 14, 3, 20, 11), bootUs: 913_402_771_204 });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../examples/${file}.log`);
  });
});
