/** What a named scenario is. */
import type { Holder, SwapState, Verdict } from '../../domain.ts';
import { KERNELS, type KernelName } from '../machine/kernels.ts';
import type { KernelSpec, ReportState } from '../state.ts';

export interface ScenarioOptions {
  readonly kernel: KernelSpec;
  readonly seed: number;
  /** Name of the program that holds the memory. */
  readonly comm: string;
}

/** A cause of death with the answer that an analysis should give. */
export interface Scenario {
  /** One sentence: what happened. */
  readonly story: string;
  /** Kernels on which it makes sense; the first is the default. */
  readonly kernels: readonly [KernelName, ...KernelName[]];
  readonly verdict: Verdict;
  readonly holder: Holder;
  readonly swapState: SwapState;
  readonly comm: string;
  readonly build: (options: ScenarioOptions) => ReportState;
}

/** The state of a scenario on one of its kernels. */
export function scenarioState(scenario: Scenario, options: Partial<ScenarioOptions> = {}): ReportState {
  return scenario.build({
    kernel: options.kernel ?? KERNELS[scenario.kernels[0]],
    seed: options.seed ?? 1,
    comm: options.comm ?? scenario.comm,
  });
}
