/** The partitions that lines came from, and the hosts of each of which something is held. */
import type { Host } from './host.ts';

export interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly hosts: Map<string, Host>;
  readonly openHosts: Set<string>;
  clockMs: number | undefined;
}

export class Partitions {
  readonly #byTopic = new Map<string, Map<number, Partition>>();
  /** Consecutive lines are of one partition. */
  #latest: Partition | undefined;

  /** The partition, empty when it was not asked for before. */
  of(topic: string, partition: number): Partition {
    const latest = this.#latest;
    if (latest && latest.partition === partition && latest.topic === topic) return latest;
    let partitions = this.#byTopic.get(topic);
    if (!partitions) {
      partitions = new Map();
      this.#byTopic.set(topic, partitions);
    }
    let found = partitions.get(partition);
    if (!found) {
      found = { topic, partition, hosts: new Map(), openHosts: new Set(), clockMs: undefined };
      partitions.set(partition, found);
    }
    this.#latest = found;
    return found;
  }

  all(): Partition[] {
    return [...this.#byTopic.values()].flatMap((partitions) => [...partitions.values()]);
  }
}
