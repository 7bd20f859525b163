/** What /health and /ready say is wrong. */

/** A broker that is there answers a fetch or a heartbeat within this time. */
const NOTICED_SILENCE_MS = 12_000;

/** Half of the time after which the source gives its client up. */
const LONGEST_SILENCE_MS = 60_000;

/** Problems that make the process unfit to go on. */
export function healthProblems(silentMs: number): string[] {
  if (silentMs < LONGEST_SILENCE_MS) return [];
  return [`the Kafka client has neither fetched nor sent a heartbeat for ${silentMs / 1_000} s`];
}

export interface Participation {
  readonly isAssigned: boolean;
  /** For how long the Kafka client has shown no sign of life. */
  readonly silentMs: number;
  /** For how long no document got through; 0 while they do. */
  readonly failingMs: number;
  /** Where the documents go, without credentials. */
  readonly address: string;
}

/** Reasons why the worker takes no part at present. */
export function readinessProblems({ isAssigned, silentMs, failingMs, address }: Participation): string[] {
  return [
    ...(isAssigned ? [] : ['no partitions are assigned']),
    ...(silentMs < NOTICED_SILENCE_MS ? [] : [`no broker has answered for ${silentMs / 1_000} s`]),
    ...(failingMs === 0 ? [] : [`${address} has taken no documents for ${Math.ceil(failingMs / 1_000)} s`]),
  ];
}
