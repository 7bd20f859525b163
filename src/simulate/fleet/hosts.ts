/** The hosts of a simulated fleet: kernel, dress of their logs, and what happens to them. */
import { KERNELS, type KernelName } from '../machine/kernels.ts';
import type { Style } from '../prefix.ts';
import { type Random, random, seedFor } from '../random.ts';
import { SCENARIO_NAMES, SCENARIOS, type ScenarioName } from '../scenarios/index.ts';
import { SEED_TWIN_BOOT_US, SEED_TWIN_HOST } from '../seed-twin.ts';
import type { KernelSpec } from '../state.ts';

export interface Incident {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly atMs: number;
}

export interface Host {
  readonly name: string;
  readonly kernelName: KernelName;
  readonly kernel: KernelSpec;
  readonly style: Style;
  /** When it was booted, ms since the epoch. */
  readonly bootedMs: number;
  readonly bootId: string;
  readonly machineId: string;
  readonly incidents: readonly Incident[];
  readonly seed: number;
}

const ROLES = ['web', 'db', 'cache', 'queue', 'build', 'render', 'feed', 'mail', 'edge', 'batch'] as const;

/** Dress that keeps who spoke; the last ones are rarer. */
const FLEET_STYLES: readonly [Style, ...Style[]] = [
  'rsyslog-kafka',
  'rfc5424',
  'syslog-ng-kafka',
  'filebeat-json',
  'vector-json',
  'fluent-bit-json',
  'syslog-ng-json',
  'journal-json',
];

/** What may happen to a host in a fleet; the seed twin happens to one host alone. */
const INCIDENTS: readonly ScenarioName[] = SCENARIO_NAMES.filter((name) => name !== 'seed-twin');

/** Kernels in the fleet; each must be able to suffer some scenario. */
const FLEET_KERNELS: readonly [KernelName, ...KernelName[]] = [
  '3.2',
  '5.15',
  '6.8',
  'rhel7',
  '4.9',
  '5.4',
  'rhel8',
  '6.1',
  'rhel9',
  '4.4',
  '6.12',
  'rhel6',
  'rhel5',
  '6.18',
];

const hex32 = (generator: Random): string =>
  Array.from({ length: 4 }, () =>
    Math.floor(generator.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

/** Something that may happen to a host of that kernel. */
export function scenarioFor(kernel: KernelName, generator: Random): ScenarioName {
  const fitting = INCIDENTS.filter((name) => SCENARIOS[name].kernels.includes(kernel));
  return fitting[generator.int(0, fitting.length - 1)] ?? 'exhausted-no-swap';
}

/** A host by its number; about one in seven suffers an OOM within the span, the first one the seed twin's. */
export function hostOf(index: number, seed: number, startMs: number, spanMs: number): Host {
  const generator = random(seedFor(seed, `host ${index}`));
  const twin = index === 0;
  const kernelName: KernelName = twin ? '3.2' : generator.pick(FLEET_KERNELS);
  const old = KERNELS[kernelName].release.startsWith('2.') || KERNELS[kernelName].release.startsWith('3.2');
  const picked = generator.pick(FLEET_STYLES);
  // Neither journald nor its fields exist on the old ones.
  const style: Style = twin ? 'rsyslog-kafka' : old && picked === 'journal-json' ? 'rfc5424' : picked;
  const role = ROLES[index % ROLES.length];
  const name = twin ? SEED_TWIN_HOST : `${role}${String(Math.trunc(index / ROLES.length) + 1).padStart(2, '0')}`;
  const suffers = twin || generator.chance(0.15);
  const atMs = startMs + Math.trunc(spanMs * (0.1 + 0.8 * generator.next()));
  const incidents: Incident[] = [];
  if (suffers) {
    const scenario: ScenarioName = twin ? 'seed-twin' : scenarioFor(kernelName, generator);
    incidents.push({ scenario, seed: generator.int(1, 1_000_000), atMs });
    // Some come back: the cause is still there after the kill.
    if (!twin && generator.chance(0.2)) {
      incidents.push({ scenario, seed: generator.int(1, 1_000_000), atMs: atMs + Math.trunc(spanMs * 0.05) });
    }
  }
  return {
    name,
    kernelName,
    kernel: KERNELS[kernelName],
    style,
    // The twin's machine was booted so that its clock and its famous stamps agree.
    bootedMs: twin ? atMs - Math.trunc(SEED_TWIN_BOOT_US / 1000) : startMs - generator.int(3600, 20_000_000) * 1000,
    bootId: hex32(generator),
    machineId: hex32(generator),
    incidents,
    seed: seedFor(seed, name),
  };
}
