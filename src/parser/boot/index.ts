/**
 * The boot reader: the lines of a boot, gathered per topic, partition and machine, to the facts of the host.
 *
 *     banner ... e820, LOWMEM, zones ... Memory: ... a minute later   ->  facts of the host
 *
 * It opens at the banner; `Memory:`, a few milliseconds of kernel time later, is the last line that tells of the host. Those
 * after it tell by their stamps whether the boot was read as it happened: it closes once that is clear, or by the next
 * banner, or by idle time or age on the partition clock. Lines without a kernel stamp cannot tell, so there it closes at
 * `Memory:`. Machines of one name are told apart by the ids that their records carry. What it holds of a boot is a handful
 * of numbers.
 */
import type { HostFacts, LogLine } from '../../domain.ts';
import { opensBoot } from '../../kernel/boot.ts';
import type { BootReader } from '../../ports.ts';
import { addReading, beginBoot, factsOf, type OpenBoot } from './facts.ts';
import { followLog, isSettled } from './late.ts';
import { readBootLine } from './lines.ts';
import type { BootReading } from './reading.ts';

export { BOOT_LINES } from './lines.ts';

export interface BootReaderOptions {
  /** Milliseconds of the partition clock without a line of the boot after which it is closed. */
  readonly idleMs: number;
  /** Milliseconds of the partition clock after which it is closed in any case. */
  readonly ageMs: number;
  /** Open boots of all partitions together; beyond, the oldest is closed as it stands. 10,000 unless given. */
  readonly maxOpen?: number;
}

const MAX_OPEN = 10_000;

/** Longer lines are no line of a boot, longer names no host's. */
const MAX_TEXT = 2048;
const MAX_HOST = 253;

interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** By machine, in the order of their first lines. */
  readonly boots: Map<string, OpenBoot>;
  readonly openHosts: Set<string>;
  /** Open boots of each of them. */
  readonly bootsOf: Map<string, number>;
}

const NONE: HostFacts[] = [];

/** Two machines may have one name; ids are of one machine, and of one boot of it. */
const machineOf = ({ host, hostId = '', bootId = '' }: LogLine): string => `${host}\n${hostId}\n${bootId}`;

export const createBootReader = (options: BootReaderOptions): BootReader => new Gatherer(options);

class Gatherer implements BootReader {
  readonly #idleMs: number;
  readonly #ageMs: number;
  readonly #maxOpen: number;
  readonly #partitions = new Map<string, Partition>();
  #open = 0;

  constructor({ idleMs, ageMs, maxOpen = MAX_OPEN }: BootReaderOptions) {
    this.#idleMs = idleMs;
    this.#ageMs = ageMs;
    this.#maxOpen = maxOpen;
  }

  get openBoots(): number {
    return this.#open;
  }

  push(line: LogLine): HostFacts[] {
    const opens = opensBoot(line.text);
    if (!opens && this.#open === 0) return NONE;
    if (line.text.length > MAX_TEXT) return NONE;
    const partition = this.#partitionOf(line.position.topic, line.position.partition);
    if (!opens && !partition.openHosts.has(line.host)) return NONE;
    const known = partition.boots.get(machineOf(line));
    const reading = opens || !known?.told.last ? readBootLine(line.text) : undefined;
    const begins = opens && reading && (reading.release !== undefined || !known || known.told.last);
    if (!begins) return known ? this.#continue(partition, known, line, reading) : NONE;
    const out: HostFacts[] = [];
    if (known) this.#close(partition, known, out);
    const boot = this.#begin(partition, line, out);
    if (boot) addReading(boot, reading, line.position);
    return out;
  }

  advance(topic: string, partitionId: number, atMs: number): HostFacts[] {
    if (this.#open === 0) return NONE;
    const partition = this.#partitionOf(topic, partitionId);
    const out: HostFacts[] = [];
    for (const boot of [...partition.boots.values()]) {
      boot.openedAtMs ??= atMs;
      boot.touchedAtMs ??= atMs;
      if (atMs - boot.openedAtMs >= this.#ageMs || atMs - boot.touchedAtMs >= this.#idleMs) {
        this.#close(partition, boot, out);
      }
    }
    return out;
  }

  end(): HostFacts[] {
    const out: HostFacts[] = [];
    for (const partition of this.#partitions.values()) {
      for (const boot of [...partition.boots.values()]) this.#close(partition, boot, out);
    }
    return out;
  }

  openHosts(topic: string, partition: number): ReadonlySet<string> {
    return this.#partitionOf(topic, partition).openHosts;
  }

  firstNeeded(topic: string, partition: number): number | undefined {
    let first: number | undefined;
    for (const boot of this.#partitionOf(topic, partition).boots.values()) {
      first = Math.min(first ?? boot.first.position.offset, boot.first.position.offset);
    }
    return first;
  }

  reset(topic: string, partitionId: number): void {
    const partition = this.#partitionOf(topic, partitionId);
    this.#open -= partition.boots.size;
    partition.boots.clear();
    partition.openHosts.clear();
    partition.bootsOf.clear();
  }

  #partitionOf(topic: string, partition: number): Partition {
    const key = `${topic}/${partition}`;
    let found = this.#partitions.get(key);
    if (!found) {
      found = { topic, partition, boots: new Map(), openHosts: new Set(), bootsOf: new Map() };
      this.#partitions.set(key, found);
    }
    return found;
  }

  #begin(partition: Partition, line: LogLine, out: HostFacts[]): OpenBoot | undefined {
    if (line.host === '' || line.host.length > MAX_HOST) return undefined;
    if (this.#open >= this.#maxOpen) this.#closeOldest(partition, out);
    const boot = beginBoot(line);
    partition.boots.set(machineOf(line), boot);
    partition.openHosts.add(line.host);
    partition.bootsOf.set(line.host, (partition.bootsOf.get(line.host) ?? 0) + 1);
    this.#open += 1;
    return boot;
  }

  /** A further line of a boot. */
  #continue(partition: Partition, boot: OpenBoot, line: LogLine, reading: BootReading | undefined): HostFacts[] {
    followLog(boot.log, line);
    if (reading && !boot.told.last) addReading(boot, reading, line.position);
    if (!boot.told.last || (line.bootUs !== undefined && !isSettled(boot.log))) return NONE;
    const out: HostFacts[] = [];
    this.#close(partition, boot, out);
    return out;
  }

  /** The oldest of this partition, else of whichever has one. */
  #closeOldest(partition: Partition, out: HostFacts[]): void {
    for (const candidate of [partition, ...this.#partitions.values()]) {
      const [oldest] = candidate.boots.values();
      if (!oldest) continue;
      this.#close(candidate, oldest, out);
      return;
    }
  }

  #close(partition: Partition, boot: OpenBoot, out: HostFacts[]): void {
    const { host } = boot.first;
    partition.boots.delete(machineOf(boot.first));
    const others = (partition.bootsOf.get(host) ?? 0) - 1;
    partition.bootsOf.set(host, others);
    if (others <= 0) {
      partition.bootsOf.delete(host);
      partition.openHosts.delete(host);
    }
    this.#open -= 1;
    out.push(factsOf(boot));
  }
}
