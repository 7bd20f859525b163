/**
 * The boot reader: the lines of a boot, gathered per topic, partition and host, to the facts of the host.
 *
 *     banner ... e820, LOWMEM, zones ... Memory:   ->  facts of the host
 *
 * It opens at the banner and closes at `Memory:`, the last line that tells, a few milliseconds of kernel time later; or by
 * the next banner, or by idle time or age on the partition clock. What it holds of a boot is a handful of numbers.
 */
import type { HostFacts, LogLine } from '../../domain.ts';
import { opensBoot } from '../../kernel/boot.ts';
import type { BootReader } from '../../ports.ts';
import { addReading, beginBoot, factsOf, type OpenBoot } from './facts.ts';
import { readBootLine } from './lines.ts';

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
  /** By host, in the order of their first lines. */
  readonly boots: Map<string, OpenBoot>;
  readonly openHosts: Set<string>;
}

const NONE: HostFacts[] = [];

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
    const known = partition.boots.get(line.host);
    if (!known && !opens) return NONE;
    const reading = readBootLine(line.text);
    if (!reading) return NONE;
    const out: HostFacts[] = [];
    let boot = known;
    if (boot && reading.release !== undefined) {
      this.#close(partition, boot, out);
      boot = undefined;
    }
    boot ??= this.#begin(partition, line, out);
    if (!boot) return NONE;
    addReading(boot, reading, line.position);
    if (reading.last) this.#close(partition, boot, out);
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
  }

  #partitionOf(topic: string, partition: number): Partition {
    const key = `${topic}/${partition}`;
    let found = this.#partitions.get(key);
    if (!found) {
      found = { topic, partition, boots: new Map(), openHosts: new Set() };
      this.#partitions.set(key, found);
    }
    return found;
  }

  #begin(partition: Partition, line: LogLine, out: HostFacts[]): OpenBoot | undefined {
    if (line.host === '' || line.host.length > MAX_HOST) return undefined;
    if (this.#open >= this.#maxOpen) this.#closeOldest(partition, out);
    const boot = beginBoot(line);
    partition.boots.set(line.host, boot);
    partition.openHosts.add(line.host);
    this.#open += 1;
    return boot;
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
    partition.boots.delete(boot.first.host);
    partition.openHosts.delete(boot.first.host);
    this.#open -= 1;
    out.push(factsOf(boot));
  }
}
