import { describe, expect, it } from 'vitest';
import { feedTopicOf } from '../../../src/cli/feed-topic.ts';
import { loadConfig } from '../../../src/ops/index.ts';

const topicOf = (flags: Readonly<Record<string, string>>): string =>
  feedTopicOf(loadConfig('canary', { flags, environment: {} }).values);

describe('the topic to produce to', () => {
  it('is the one that the workers read', () => {
    expect(topicOf({})).toBe('syslog');
    expect(topicOf({ 'kafka-topics': 'kernel' })).toBe('kernel');
  });

  it('is the one that is named', () => {
    expect(topicOf({ 'kafka-topics': 'a,b', topic: 'b' })).toBe('b');
  });

  it.each(['a,b', '/^syslog-/'])('has to be named when kafka.topics is %j', (topics) => {
    expect(() => topicOf({ 'kafka-topics': topics })).toThrow(/--topic/);
  });
});
