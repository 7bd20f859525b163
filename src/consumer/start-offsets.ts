/**
 * Commits where partitions begin before anything is read of them, so that no crash moves it.
 *
 * The group's leader does it for all partitions of all topics, in one request of its generation: two workers that begin
 * together cannot disagree, and half of a topic cannot be taken for partitions that were added later. Meanwhile the others
 * fetch nothing of such partitions.
 */
import type { KafkaAdmin, Membership, TopicOffsets } from '../clients/kafka.ts';
import type { Clock, Logger } from '../ports.ts';
import { hasCommit, type Start, topicsAtStart } from './start.ts';
import type { TopicChoice } from './topic-choice.ts';

/** A leader that has committed nothing by then follows other rules; then the beginning is right, where nothing is lost. */
const LEADER_LIMIT_MS = 20_000;

export interface StartOffsetsParts {
  readonly connect: () => Promise<KafkaAdmin>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class StartOffsets {
  readonly #start: Start;
  readonly #group: string;
  readonly #choice: TopicChoice;
  readonly #parts: StartOffsetsParts;
  /** Topics that were there at the first look and ever since, until their start was committed. */
  #wereThere: ReadonlySet<string> | undefined;
  #membership: Membership | undefined;
  /** The leader's work; true when it is done. */
  #committing: Promise<boolean> | undefined;
  #waitingSinceMs: number | undefined;

  constructor(start: Start, group: string, choice: TopicChoice, parts: StartOffsetsParts) {
    this.#start = start;
    this.#group = group;
    this.#choice = choice;
    this.#parts = parts;
  }

  /** What a look at the cluster found of the topics chosen. */
  found(topics: Iterable<string>): void {
    const wereThere = this.#wereThere;
    this.#wereThere = new Set([...topics].filter((topic) => wereThere === undefined || wereThere.has(topic)));
  }

  /** A new generation; its assignment follows. */
  admitted(membership: Membership): void {
    this.#membership = membership;
    this.#committing = undefined;
    this.#waitingSinceMs = undefined;
  }

  /** The assignment is there; `failed` is told when the starts of these topics could not be committed. */
  joined(topics: readonly string[], failed: (error: unknown) => void): void {
    const membership = this.#membership;
    if (this.#start.kind === 'earliest' || !membership?.isLeader) return;
    this.#committing = this.#commit(membership, topics).then(
      () => true,
      (error: unknown) => {
        // Where the group has gone on, the next generation's leader does it.
        if (this.#membership === membership) failed(error);
        return false;
      },
    );
  }

  /** The offsets that kafkajs is to go by: partitions whose start is not committed yet are left out. */
  async offsetsFetched(
    offsets: readonly TopicOffsets[],
    ask: () => Promise<readonly TopicOffsets[]>,
  ): Promise<readonly TopicOffsets[]> {
    if (this.#start.kind === 'earliest') return offsets;
    const committed = offsets.map(({ topic, partitions }) => ({ topic, partitions: partitions.filter(hasCommit) }));
    if (offsets.every(({ partitions }, index) => partitions.length === committed[index]?.partitions.length))
      return offsets;
    if (this.#membership?.isLeader) return (await this.#committing) ? ask() : committed;
    const nowMs = this.#parts.clock.elapsedMs();
    this.#waitingSinceMs ??= nowMs;
    return nowMs - this.#waitingSinceMs < LEADER_LIMIT_MS ? committed : offsets;
  }

  async #commit(membership: Membership, topics: readonly string[]): Promise<void> {
    const admin = await this.#parts.connect();
    try {
      const commits = await admin.fetchOffsets({ groupId: this.#group, topics: [...topics] });
      const atStart = topicsAtStart(commits, this.#choice, (topic) => this.#wereThere?.has(topic) ?? false);
      const starts: TopicOffsets[] = [];
      for (const { topic, partitions } of commits) {
        const missing = new Set(partitions.filter((each) => !hasCommit(each)).map(({ partition }) => partition));
        if (missing.size === 0) continue;
        const offsets = await offsetsAt(admin, topic, atStart.has(topic) ? this.#start : { kind: 'earliest' });
        starts.push({ topic, partitions: offsets.filter(({ partition }) => missing.has(partition)) });
      }
      if (starts.length > 0) {
        await membership.commit(starts);
        this.#parts.logger.event('start-committed', { starts: starts.map((each) => shown(each, atStart)) });
      }
      this.found([...(this.#wereThere ?? [])].filter((topic) => !topics.includes(topic)));
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

async function offsetsAt(admin: KafkaAdmin, topic: string, start: Start): Promise<TopicOffsets['partitions']> {
  if (start.kind === 'time') return admin.fetchTopicOffsetsByTimestamp(topic, start.atMs);
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.map(({ partition, low, high }) => ({ partition, offset: start.kind === 'latest' ? high : low }));
}

const shown = ({ topic, partitions }: TopicOffsets, atStart: ReadonlySet<string>) => ({
  topic,
  at: atStart.has(topic) ? 'start' : 'beginning',
  offsets: Object.fromEntries(partitions.map(({ partition, offset }) => [partition, Number(offset)])),
});
