/** The records of a simulated fleet, piece by piece, with duplicates, late and broken ones among them on demand. */
import { type FleetTruth, random, seedFor, simulateFleet } from '../../src/simulate/index.ts';
import type { TestRecord } from '../support/topics.ts';

export interface LoadOptions {
  readonly hosts: number;
  readonly seed: number;
  readonly startMs: number;
  readonly spanMs: number;
  readonly partitions: number;
}

/** A host may change its partition when none of its reports is so near. */
const REPORT_MARGIN_MS = 90_000;

/** The clock of a partition goes on by 15 s a batch at most: an age of two minutes is over after so many. */
const CLOCK_STEPS = 10;

/** A shipper sends at most so many records of a host again. */
const MOST_RESENT = 30;

export class Load {
  readonly truth: readonly FleetTruth[];
  /** Hosts whose records came twice or late: their documents are not those of the undamaged log. */
  readonly damaged = new Set<string>();
  #broken = 0;
  readonly total: number;
  readonly #records: { host: string; value: string; atMs: number }[];
  readonly #options: LoadOptions;
  readonly #reports = new Map<string, number[]>();
  readonly #places = new Map<string, { partition: number; of: number }>();
  #partitions: number;
  #next = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#partitions = options.partitions;
    const fleet = simulateFleet({ ...options, noisePerHost: 8 });
    this.truth = fleet.truth;
    this.#records = Array.from(fleet, ({ host, text, atMs }) => ({ host, value: text, atMs }));
    this.total = this.#records.length;
    for (const { host, atMs } of fleet.truth) this.#reports.set(host, [...(this.#reports.get(host) ?? []), atMs]);
  }

  get partitions(): number {
    return this.#partitions;
  }

  get left(): number {
    return this.#records.length - this.#next;
  }

  /** Broken records made so far. */
  get broken(): number {
    return this.#broken;
  }

  /** Hosts spread over one partition more, each as soon as it has no report near. */
  addPartition(): number {
    this.#partitions += 1;
    return this.#partitions;
  }

  /** The next `count` records. */
  take(count: number): TestRecord[] {
    const taken = this.#records.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    return taken.map((record) => this.#place(record));
  }

  /** Sends the last records of the busiest host again. */
  resend(records: TestRecord[]): void {
    const host = busiest(records);
    const again = records.filter(({ key }) => key === host).slice(-MOST_RESENT);
    this.damaged.add(host);
    records.push(...again);
  }

  /** Puts a record of the busiest host behind the one that follows it. */
  late(records: TestRecord[], choice: number): void {
    const host = busiest(records);
    const places = records.flatMap(({ key }, index) => (key === host ? [index] : []));
    const at = Math.floor(choice * (places.length - 1));
    const [earlier = 0, later = 0] = [places[at], places[at + 1] ?? places[at]];
    const [a, b] = [records[earlier], records[later]];
    if (a === undefined || b === undefined) return;
    this.damaged.add(host);
    [records[earlier], records[later]] = [b, a];
  }

  /** A record that announces a report and cannot be read. */
  addBroken(records: TestRecord[]): void {
    const [beside] = records;
    if (beside === undefined) return;
    this.#broken += 1;
    const value = `{"message": "broken-${this.#broken} invoked oom-killer: gfp_mask=0xcc0, order=0`;
    records.push({ ...beside, key: `broken-${this.#broken}`, value });
  }

  /** Noise that moves the clock of every partition beyond the age of all reports: as many batches as that takes. */
  closing(ageMs: number, batches: number): TestRecord[][] {
    const { startMs, spanMs } = this.#options;
    const stepMs = Math.ceil(ageMs / CLOCK_STEPS);
    return Array.from({ length: batches }, (_, batch) =>
      Array.from({ length: this.#partitions }, (_, partition) => {
        const atMs = startMs + spanMs + (batch + 1) * stepMs;
        return { key: 'closing', value: '<6>1 - closing kernel - - - tick', atMs, partition };
      }),
    );
  }

  #place({ host, value, atMs }: { host: string; value: string; atMs: number }): TestRecord {
    const known = this.#places.get(host);
    const isNear = this.#reports.get(host)?.some((at) => Math.abs(at - atMs) < REPORT_MARGIN_MS) ?? false;
    if (known !== undefined && (known.of === this.#partitions || isNear)) {
      return { key: host, value, atMs, partition: known.partition };
    }
    const generator = random(seedFor(this.#options.seed, `${host} of ${this.#partitions}`));
    const partition = generator.int(0, this.#partitions - 1);
    this.#places.set(host, { partition, of: this.#partitions });
    return { key: host, value, atMs, partition };
  }
}

function busiest(records: readonly TestRecord[]): string {
  const counts = new Map<string, number>();
  for (const { key } of records) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
