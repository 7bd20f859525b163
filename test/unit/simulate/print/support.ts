import { type Dialect, dialectOf } from '../../../../src/simulate/dialect.ts';
import {
  KERNELS,
  type KernelName,
  type ReportState,
  SCENARIOS,
  scenarioState,
} from '../../../../src/simulate/index.ts';

/** A full state on any kernel, for tests that look at one block. */
export function stateOn(
  kernel: KernelName,
  changes: Partial<ReportState> = {},
): { state: ReportState; dialect: Dialect } {
  const scenario = SCENARIOS['exhausted-no-swap'];
  const state = { ...scenarioState(scenario, { kernel: KERNELS[kernel] }), ...changes };
  return { state, dialect: dialectOf(state.kernel) };
}
