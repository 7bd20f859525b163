/** A fleet made of text: the kernel printer, the dress and the damage of its lines, and named scenarios. */
export { applyDamage, type Damage, type Damaged, interleave, tear } from './damage.ts';
export type { BootTruth } from './fleet/boots.ts';
export { type Fleet, type FleetLine, type FleetOptions, type FleetTruth, simulateFleet } from './fleet/fleet.ts';
export { FleetLoad, type FleetLoadOptions, type LoadKill, type LoadLine } from './fleet/load.ts';
export { type BootMachine, bootMachine } from './machine/boot.ts';
export { KERNEL_NAMES, KERNELS, type KernelName } from './machine/kernels.ts';
export { type Message, messagesOf, type Occasion, render, renderMessage, STYLES, type Style } from './prefix.ts';
export { printBoot } from './print/boot.ts';
export { printRecords, printReport } from './print/report.ts';
export { type Random, random, seedFor } from './random.ts';
export { SCENARIO_NAMES, SCENARIOS, type Scenario, type ScenarioName, scenarioState } from './scenarios/index.ts';
export {
  SEED_TWIN_BOOT_US,
  SEED_TWIN_HOST,
  SEED_TWIN_LOST,
  SEED_TWIN_STAMP,
  SEED_TWIN_VICTIM,
  seedTwin,
  seedTwinLog,
  wrapAt,
} from './seed-twin.ts';
export type { Ending, KernelSpec, ReportState, Unprinted } from './state.ts';
