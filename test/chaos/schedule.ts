/** What goes wrong and when: drawn from a seed, so that a run can be repeated. */
import { type Random, random, seedFor } from '../../src/simulate/index.ts';

/** Kinds with their weights: of a hundred faults so many are of the kind. */
const WEIGHTS = {
  /** SIGKILL of a worker; another one takes its place. */
  kill: 10,
  /** SIGTERM of a worker, and a new one. */
  replace: 7,
  /** SIGSTOP and SIGCONT within the session time-out. */
  'freeze-short': 6,
  /** SIGSTOP for longer than the session time-out: the group goes on without it, then it wakes. */
  'freeze-long': 5,
  'kafka-cut': 9,
  'kafka-delay': 6,
  /** Nothing passes for a while, then the connections are cut. */
  'kafka-hold': 4,
  'kafka-restart': 2,
  'elastic-cut': 8,
  'elastic-delay': 6,
  'elastic-hold': 4,
  /** Requests refused with 429. */
  'elastic-busy': 7,
  /** Requests refused with 502, 503 or 504. */
  'elastic-refuse': 6,
  /** Requests carried out, answered with 502, 503 or 504. */
  'elastic-lose': 6,
  /** Some documents of each request refused with 429 or 503. */
  'elastic-items': 6,
  'elastic-restart': 2,
  /** The last records of a host are sent again. */
  resend: 5,
  /** A record comes after the one that follows it. */
  late: 5,
  /** A record with an opener that cannot be decoded. */
  broken: 3,
  'add-partition': 1,
} as const;

export type FaultKind = keyof typeof WEIGHTS;

export const FAULT_KINDS = Object.keys(WEIGHTS) as FaultKind[];

export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
  /** Pause after it began until the next one begins: faults overlap. */
  readonly pauseMs: number;
  readonly durationMs: number;
  /** Which worker, which status and the like: between 0 and 1. */
  readonly choice: number;
}

export interface Pace {
  /** Mean pause between the beginnings of two faults. */
  readonly pauseMs: number;
  readonly sessionTimeoutMs: number;
}

/** `count` faults. Each kind comes once before any comes by its weight, so that a short run has them all. */
export function scheduleOf(count: number, seed: number, pace: Pace): Fault[] {
  const generator = random(seedFor(seed, 'schedule'));
  const first = shuffled(FAULT_KINDS, generator);
  return Array.from({ length: count }, (_, number) => {
    const kind = first[number] ?? weighted(generator);
    return {
      number,
      kind,
      pauseMs: Math.round(pace.pauseMs * (0.3 + 1.4 * generator.next())),
      durationMs: durationOf(kind, generator, pace),
      choice: generator.next(),
    };
  });
}

function durationOf(kind: FaultKind, generator: Random, { sessionTimeoutMs }: Pace): number {
  switch (kind) {
    case 'freeze-long':
      return sessionTimeoutMs + generator.int(500, 4_000);
    case 'freeze-short':
      return generator.int(100, Math.trunc(sessionTimeoutMs * 0.6));
    default:
      return generator.int(300, 4_000);
  }
}

function weighted(generator: Random): FaultKind {
  const total = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  let at = generator.next() * total;
  for (const kind of FAULT_KINDS) {
    at -= WEIGHTS[kind];
    if (at < 0) return kind;
  }
  return 'kill';
}

function shuffled<T>(items: readonly T[], generator: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(generator.int(0, left.length - 1), 1));
}
