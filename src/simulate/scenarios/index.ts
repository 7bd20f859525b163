/** All named scenarios in one table. */
import { EXHAUSTED_SCENARIOS } from './exhausted.ts';
import { HOLDER_SCENARIOS } from './holders.ts';
import { LIMIT_SCENARIOS } from './limits.ts';
import { LOWMEM_SCENARIOS } from './lowmem.ts';
import { NUMA_SCENARIOS } from './numa.ts';
import { OLD_SCENARIOS } from './old.ts';
import { OTHER_SCENARIOS } from './other.ts';
import type { Scenario } from './scenario.ts';

const TABLE = {
  ...LOWMEM_SCENARIOS,
  ...EXHAUSTED_SCENARIOS,
  ...OLD_SCENARIOS,
  ...HOLDER_SCENARIOS,
  ...LIMIT_SCENARIOS,
  ...NUMA_SCENARIOS,
  ...OTHER_SCENARIOS,
};

export type ScenarioName = keyof typeof TABLE;
export const SCENARIO_NAMES = Object.keys(TABLE) as ScenarioName[];

/** Causes of death by name, each with the answer that an analysis should give and the kernels it is printed by. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = TABLE;

export { POD_PATH } from './limits.ts';
export { type Scenario, type ScenarioOptions, scenarioState } from './scenario.ts';
