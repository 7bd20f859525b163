import { describe, expect, it } from 'vitest';
import type { KafkaAdmin, TopicOffsets } from '../../../src/clients/kafka.ts';
import { readStart } from '../../../src/consumer/start.ts';
import { StartOffsets } from '../../../src/consumer/start-offsets.ts';
import { readTopicChoice } from '../../../src/consumer/topic-choice.ts';
import { ManualClock, MemoryLogger, settle } from '../../support/fakes.ts';

/** Two partitions with the records 3 to 9 each; the group's commits can be set. */
function setUp(start: string, commits: readonly string[] = ['-1', '-1']) {
  const clock = new ManualClock();
  const committed: TopicOffsets[] = [
    { topic: 'a', partitions: commits.map((offset, partition) => ({ partition, offset })) },
  ];
  const admin = {
    fetchOffsets: async () => committed,
    fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, offset: '10', low: '3', high: '10' })),
    fetchTopicOffsetsByTimestamp: async () => [0, 1].map((partition) => ({ partition, offset: '6' })),
    disconnect: async () => {},
  } as unknown as KafkaAdmin;
  const starts = new StartOffsets(readStart(start), 'group', readTopicChoice(['a'], []), {
    connect: async () => admin,
    clock,
    logger: new MemoryLogger(),
  });
  const written: (readonly TopicOffsets[])[] = [];
  const join = (isLeader: boolean, refusal?: Error): unknown[] => {
    const failures: unknown[] = [];
    starts.admitted({
      isLeader,
      commit: async (offsets) => {
        if (refusal) throw refusal;
        written.push(offsets);
      },
    });
    starts.joined(['a'], (error) => failures.push(error));
    return failures;
  };
  const asked: TopicOffsets[] = [{ topic: 'a', partitions: [{ partition: 0, offset: '10' }] }];
  return { clock, starts, join, written, committed, asked, ask: async () => asked };
}

const offsetsOf = (offsets: readonly TopicOffsets[] | undefined) =>
  offsets?.[0]?.partitions.map(({ offset }) => offset);

describe('the start of partitions without a commit', () => {
  it('is committed by the leader, for all partitions at once, before it reads', async () => {
    const { starts, join, written, committed, asked, ask } = setUp('latest');
    starts.found(['a']);
    join(true);
    expect(await starts.offsetsFetched(committed, ask)).toBe(asked);
    expect(written).toHaveLength(1);
    expect(offsetsOf(written[0])).toEqual(['10', '10']);
  });

  it('may be a time', async () => {
    const { starts, join, written } = setUp('2026-11-01');
    starts.found(['a']);
    join(true);
    await settle();
    expect(offsetsOf(written[0])).toEqual(['6', '6']);
  });

  it('is the beginning for partitions that were added, and for topics that were not there at first', async () => {
    const added = setUp('latest', ['7', '-1']);
    added.starts.found(['a']);
    added.join(true);
    const late = setUp('latest');
    late.starts.found([]);
    late.starts.found(['a']);
    late.join(true);
    await settle();
    expect(added.written).toEqual([[{ topic: 'a', partitions: [{ partition: 1, offset: '3' }] }]]);
    expect(offsetsOf(late.written[0])).toEqual(['3', '3']);
  });

  it('is the beginning once it was committed before: the topic was made again', async () => {
    const { starts, join, written } = setUp('latest');
    starts.found(['a']);
    join(true);
    await settle();
    join(true);
    await settle();
    expect(written.map(offsetsOf)).toEqual([
      ['10', '10'],
      ['3', '3'],
    ]);
  });

  it('is waited for by the others, who read what is committed, and not for ever', async () => {
    const { starts, join, clock, ask } = setUp('latest');
    starts.found(['a']);
    join(false);
    const offsets = [
      {
        topic: 'a',
        partitions: [
          { partition: 0, offset: '7' },
          { partition: 1, offset: '-1' },
        ],
      },
    ];
    expect(offsetsOf(await starts.offsetsFetched(offsets, ask))).toEqual(['7']);
    await clock.advance(19_000);
    expect(offsetsOf(await starts.offsetsFetched(offsets, ask))).toEqual(['7']);
    await clock.advance(1_000);
    expect(offsetsOf(await starts.offsetsFetched(offsets, ask))).toEqual(['7', '-1']);
  });

  it('that cannot be committed is told, and nothing is read', async () => {
    const { starts, join, committed, ask } = setUp('latest');
    const refusal = new Error('refused');
    const failures = join(true, refusal);
    expect(offsetsOf(await starts.offsetsFetched(committed, ask))).toEqual([]);
    expect(failures).toEqual([refusal]);
  });

  it('of an earlier generation is nobody’s concern', async () => {
    const { join } = setUp('latest');
    const failures = join(true, new Error('refused'));
    join(false);
    await settle();
    expect(failures).toEqual([]);
  });

  it('is left to the client when it is the earliest', async () => {
    const { starts, join, written, committed, ask } = setUp('earliest');
    join(true);
    expect(await starts.offsetsFetched(committed, ask)).toBe(committed);
    expect(written).toEqual([]);
  });
});
