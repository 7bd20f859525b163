/** Storms: many reports within minutes, of one host, of one cause over the fleet, and of one cgroup. */
import { type Random, random, seedFor } from '../random.ts';
import { SCENARIOS, type ScenarioName } from '../scenarios/index.ts';
import type { Host } from './hosts.ts';

const SECOND_MS = 1000;

export interface StormOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly spanMs: number;
  /** Storms of each kind. */
  readonly storms: number;
}

/** What a kill does not end: the cause stays. */
const LEAKS = ['lowmem-slab', 'slab-leak', 'shmem-full', 'page-tables'] as const satisfies readonly ScenarioName[];

/** What a release brings to many hosts at once. */
const RELEASES = [
  'exhausted-no-swap',
  'exhausted-swap-full',
  'thread-storm',
] as const satisfies readonly ScenarioName[];

/** A service that is started again and reaches its limit again. */
const LIMITS = ['memcg-pod', 'memcg-v1', 'memcg-shmem'] as const satisfies readonly ScenarioName[];

/** The hosts with what the storms bring them. Only hosts that had nothing to suffer are hit, and each by one storm. */
export function withStorms(hosts: readonly Host[], { seed, startMs, spanMs, storms }: StormOptions): readonly Host[] {
  const generator: Random = random(seedFor(seed, 'storms'));
  const struck = new Map<string, Host>();
  const strike = (scenario: ScenarioName, count: number, seconds: () => readonly number[]): void => {
    const suits = ({ name, kernelName, incidents }: Host) =>
      incidents.length === 0 && !struck.has(name) && SCENARIOS[scenario].kernels.includes(kernelName);
    const atMs = startMs + Math.trunc(spanMs * (0.1 + 0.8 * generator.next()));
    for (const host of hosts.filter(suits).slice(0, count)) {
      const incidents = seconds().map((second) => ({
        scenario,
        seed: generator.int(1, 1_000_000),
        atMs: atMs + second * SECOND_MS,
      }));
      struck.set(host.name, { ...host, incidents });
    }
  };
  for (let storm = 0; storm < storms; storm += 1) {
    strike(generator.pick(LEAKS), 1, () => times(generator.int(5, 7), 75));
    strike(generator.pick(RELEASES), generator.int(11, 15), () => [generator.int(0, 480)]);
    strike(generator.pick(LIMITS), 1, () => times(generator.int(3, 4), 720));
  }
  return hosts.map((host) => struck.get(host.name) ?? host);
}

const times = (count: number, apart: number): number[] => Array.from({ length: count }, (_, index) => index * apart);
