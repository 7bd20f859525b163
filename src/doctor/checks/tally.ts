/** Counts what sampled records look like. Pure; keeps counts, examples and a row per host, never the records. */
import type { LogLine, Position } from '../../domain.ts';
import type { Decoded, UndecodableReason } from '../../ports.ts';
import type { Counted, HostFacts, SampleFacts } from './facts.ts';

/** One record with both of its readings. */
export interface SampledRecord {
  readonly position: Position;
  /** Kafka's stamp. */
  readonly timestampMs?: number | undefined;
  readonly hasKey: boolean;
  readonly valueBytes: number;
  /** As the worker reads it. */
  readonly decoded: readonly Decoded[];
  /** The same with every line taken for the kernel's: so the lines of daemons, too, say who wrote them and when. */
  readonly anySpeaker: readonly Decoded[];
}

export interface Tally {
  /** Records of one partition come in their order. */
  add(record: SampledRecord): void;
  addBlock(block: { readonly codec: string; readonly inTransaction: boolean; readonly records: number }): void;
  /** A record batch that cannot be opened. */
  addUnopened(position: Position, error: string): void;
  facts(unreadPartitions: readonly number[]): SampleFacts;
}

const MOST_HOSTS = 20_000;

/** Lines of one host overtake each other by moments on the way; seconds are another matter. */
const STEP_MS = 5_000;

/** A stamp since boot that begins anew below this is a boot. */
const BOOT_US = 120_000_000;

const NEAR_LIMIT_RATIO = 0.8;

interface HostRow {
  readonly partitions: Set<number>;
  lines: number;
  stamped: number;
  unstamped: number;
  inversions: number;
  worstStepMs: number;
  clockOffsetMs: number | undefined;
  /** By partition: the highest stamps so far. */
  readonly marks: Map<number, Mark>;
}

interface Mark {
  wallMs: number | undefined;
  bootUs: number | undefined;
  bootId: string | undefined;
}

export function createTally(recordMaxBytes: number): Tally {
  const shapes = new Map<string, number>();
  const kernelLines = new Map<string, number>();
  const codecs = new Map<string, number>();
  const undecodable = new Map<UndecodableReason, Counted>();
  const hosts = new Map<string, HostRow>();
  const total = {
    records: 0,
    bytes: 0,
    withoutKey: 0,
    largestBytes: 0,
    nearLimit: 0,
    foreignLines: 0,
    withoutBootStamp: 0,
    timedByBroker: 0,
    yearless: 0,
    withoutHost: 0,
    inTransactions: 0,
  };
  let newestAtMs: number | undefined;
  let spoofs: Counted | undefined;
  let unopened: Counted | undefined;
  let moreHosts = false;

  function addKernelLine(line: LogLine): void {
    bump(kernelLines, line.trust);
    if (line.bootUs === undefined) total.withoutBootStamp += 1;
    if (line.headerStamp !== undefined) total.yearless += 1;
    else if (line.timeSource === 'broker') total.timedByBroker += 1;
  }

  function rowOf(host: string): HostRow | undefined {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    if (hosts.size >= MOST_HOSTS) {
      moreHosts = true;
      return undefined;
    }
    const row: HostRow = {
      partitions: new Set(),
      lines: 0,
      stamped: 0,
      unstamped: 0,
      inversions: 0,
      worstStepMs: 0,
      clockOffsetMs: undefined,
      marks: new Map(),
    };
    hosts.set(host, row);
    return row;
  }

  function addHostLine(line: LogLine, timestampMs: number | undefined, isKernel: boolean): void {
    const row = rowOf(line.host);
    if (row === undefined) return;
    const { partition } = line.position;
    row.partitions.add(partition);
    row.lines += 1;
    if (isKernel && line.bootUs !== undefined) row.stamped += 1;
    if (isKernel && line.bootUs === undefined) row.unstamped += 1;
    const wallMs = line.timeSource === 'broker' ? undefined : line.observedAtMs;
    if (wallMs !== undefined && timestampMs !== undefined) {
      const offsetMs = wallMs - timestampMs;
      if (Math.abs(offsetMs) < Math.abs(row.clockOffsetMs ?? Number.POSITIVE_INFINITY)) row.clockOffsetMs = offsetMs;
    }
    const bootUs = isKernel ? line.bootUs : undefined;
    const mark = row.marks.get(partition);
    if (mark === undefined) {
      row.marks.set(partition, { wallMs, bootUs, bootId: line.bootId });
      return;
    }
    const stepMs = stepBack(mark, wallMs, bootUs, line.bootId);
    if (stepMs > STEP_MS) {
      row.inversions += 1;
      row.worstStepMs = Math.max(row.worstStepMs, stepMs);
    }
  }

  return {
    add({ position, timestampMs, hasKey, valueBytes, decoded, anySpeaker }) {
      total.records += 1;
      total.bytes += valueBytes;
      total.largestBytes = Math.max(total.largestBytes, valueBytes);
      if (!hasKey) total.withoutKey += 1;
      if (timestampMs !== undefined) newestAtMs = Math.max(newestAtMs ?? timestampMs, timestampMs);
      if (valueBytes > recordMaxBytes * NEAR_LIMIT_RATIO) total.nearLimit += 1;
      const [first] = decoded;
      if (first !== undefined && first.kind !== 'undecodable') bump(shapes, first.shape);
      let isKernel = false;
      for (const [index, each] of decoded.entries()) {
        if (each.kind === 'undecodable') {
          const text = `${each.detail}; it begins with ${beginning(each.bytes)}`;
          undecodable.set(each.reason, again(undecodable.get(each.reason), position, text));
        } else if (each.kind === 'line') {
          isKernel = true;
          addKernelLine(each.line);
        } else {
          total.foreignLines += 1;
          const same = anySpeaker[index];
          if (each.spoof) spoofs = again(spoofs, position, same?.kind === 'line' ? same.line.text : '');
        }
      }
      // One line speaks for the record: the others of it have the same host and came at the same time.
      const [spoken] = anySpeaker;
      if (spoken?.kind !== 'line') return;
      if (spoken.line.host === '') total.withoutHost += 1;
      else addHostLine(spoken.line, timestampMs, isKernel);
    },

    addBlock({ codec, inTransaction, records }) {
      bump(codecs, codec);
      if (inTransaction) total.inTransactions += records;
    },

    addUnopened(position, error) {
      unopened = again(unopened, position, error);
    },

    facts: (unreadPartitions) => ({
      ...total,
      unreadPartitions,
      ...(newestAtMs === undefined ? {} : { newestAtMs }),
      shapes: Object.fromEntries([...shapes].sort((a, b) => b[1] - a[1])),
      undecodable: Object.fromEntries(undecodable),
      kernelLines: Object.fromEntries(kernelLines),
      ...(spoofs === undefined ? {} : { spoofs }),
      codecs: Object.fromEntries(codecs),
      ...(unopened === undefined ? {} : { unopened }),
      hosts: [...hosts].map(([host, row]) => hostFacts(host, row)),
      moreHosts,
    }),
  };
}

/** Moves the mark on; how far the stamp lies behind it, in ms, 0 when it does not. A boot begins anew. */
function stepBack(
  mark: Mark,
  wallMs: number | undefined,
  bootUs: number | undefined,
  bootId: string | undefined,
): number {
  const isBoot =
    (bootId !== undefined && mark.bootId !== undefined && bootId !== mark.bootId) ||
    (bootUs !== undefined && mark.bootUs !== undefined && bootUs < mark.bootUs && isFreshBoot(mark, wallMs, bootUs));
  const bootStepMs = isBoot || bootUs === undefined || mark.bootUs === undefined ? 0 : (mark.bootUs - bootUs) / 1_000;
  const wallStepMs = wallMs === undefined || mark.wallMs === undefined ? 0 : mark.wallMs - wallMs;
  if (bootUs !== undefined && (isBoot || bootUs > (mark.bootUs ?? -1))) mark.bootUs = bootUs;
  if (wallMs !== undefined) mark.wallMs = Math.max(wallMs, mark.wallMs ?? wallMs);
  if (bootId !== undefined) mark.bootId = bootId;
  return Math.max(bootStepMs, wallStepMs, 0);
}

/** After a boot the clock on the wall has gone on while the stamps began anew; a line that comes late brings both back. */
function isFreshBoot(mark: Mark, wallMs: number | undefined, bootUs: number): boolean {
  if (wallMs === undefined || mark.wallMs === undefined) return bootUs < BOOT_US;
  return wallMs >= mark.wallMs && bootUs / 1_000 < wallMs - mark.wallMs + BOOT_US / 1_000;
}

function hostFacts(host: string, { partitions, clockOffsetMs, marks: _, ...row }: HostRow): HostFacts {
  const clock = clockOffsetMs === undefined ? {} : { clockOffsetMs };
  return { host, partitions: [...partitions].sort((a, b) => a - b), ...row, ...clock };
}

const BEGINNING_BYTES = 40;

/** The first bytes as ASCII; dots for what is none. */
const beginning = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, BEGINNING_BYTES), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('');

const bump = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

const again = (before: Counted | undefined, { partition, offset }: Position, text: string): Counted =>
  before === undefined
    ? { count: 1, example: { partition, offset, text } }
    : { count: before.count + 1, example: before.example };
