import { describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../src/clients/kafka.ts';
import { readTopicChoice } from '../../../src/consumer/topic-choice.ts';
import { TopicWatch } from '../../../src/consumer/topic-watch.ts';
import { MemoryLogger } from '../../support/fakes.ts';
import { MemoryMetrics } from '../../support/memory-metrics.ts';

function setUp(items: readonly string[], cluster: Map<string, number>) {
  const [logger, metrics] = [new MemoryLogger(), new MemoryMetrics()];
  let lists = 0;
  const admin = {
    fetchTopicMetadata: async ({ topics }: { topics: string[] }) => {
      if (topics.some((topic) => !cluster.has(topic))) {
        throw Object.assign(new Error('unknown'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
      }
      return { topics: topics.map((name) => ({ name, partitions: Array(cluster.get(name)).fill({}) })) };
    },
    disconnect: async () => {},
  } as unknown as KafkaAdmin;
  const list = async () => {
    lists += 1;
    return cluster;
  };
  const watch = new TopicWatch(readTopicChoice(items, ['dead']), { connect: async () => admin, list, logger, metrics });
  return { watch, logger, metrics, lists: () => lists };
}

describe('TopicWatch', () => {
  it('asks for no more than the names, unless one is missing', async () => {
    const cluster = new Map([['a', 1]]);
    const { watch, lists } = setUp(['a', 'b'], cluster);
    expect(await watch.look()).toEqual(['a']);
    expect(lists()).toBe(1);
    expect(() => watch.expect(['a'])).toThrow(
      expect.objectContaining({ code: 'KAFKA_TOPIC_MISSING', message: expect.stringMatching(/^b: no such topic/) }),
    );
    cluster.set('b', 2);
    expect(await watch.look()).toEqual(['a', 'b']);
    expect(lists()).toBe(1);
    expect(() => watch.expect(['a', 'b'])).not.toThrow();
  });

  it('matches patterns anew at each look, and names the pattern that matches nothing', async () => {
    const cluster = new Map([['dead', 1]]);
    const { watch } = setUp(['/./', '/^dead$/'], cluster);
    expect(await watch.look()).toEqual([]);
    expect(() => watch.expect([])).toThrow('/./, /^dead$/: no topic matches');
    cluster.set('a', 1);
    expect(await watch.look()).toEqual(['a']);
    expect(() => watch.expect(['a'])).not.toThrow();
  });

  it('notices partitions that were added, once, and none where a topic is new or was made again', async () => {
    const cluster = new Map([['a', 2]]);
    const { watch, logger, metrics } = setUp(['/a/'], cluster);
    await watch.look();
    cluster.set('a', 5).set('a2', 3);
    await watch.look();
    await watch.look();
    expect(logger.events).toMatchObject([
      {
        name: 'partitions-added',
        fields: { topic: 'a', from: 2, to: 5, effect: expect.stringContaining('split in two') },
      },
    ]);
    expect(metrics.value('oomscope_partitions_added_total', { topic: 'a' })).toBe(3);
    cluster.delete('a');
    await watch.look();
    cluster.set('a', 9);
    await watch.look();
    expect(logger.events).toHaveLength(1);
  });

  it('hands on what else the client rejects with', async () => {
    const { watch } = setUp(['a'], new Map([['a', 1]]));
    const refused = Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    const broken = new TopicWatch(readTopicChoice(['a'], []), {
      connect: async () => Promise.reject(refused),
      list: async () => new Map(),
      logger: new MemoryLogger(),
      metrics: new MemoryMetrics(),
    });
    await expect(broken.look()).rejects.toBe(refused);
    expect(await watch.look()).toEqual(['a']);
  });
});
