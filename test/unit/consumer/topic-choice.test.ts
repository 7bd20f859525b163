import { describe, expect, it } from 'vitest';
import { chosenTopics, readTopicChoice } from '../../../src/consumer/topic-choice.ts';

const CLUSTER = ['__consumer_offsets', 'oomscope-dead-letters', 'orders', 'syslog', 'syslog-eu', 'syslog-us'];

describe('the choice of topics', () => {
  it('takes names, and patterns between slashes', () => {
    const choice = readTopicChoice(['orders', '/^syslog-/', 'orders', 'absent'], []);
    expect(choice.names).toEqual(['orders', 'absent']);
    expect(chosenTopics(choice, CLUSTER)).toEqual(['orders', 'syslog-eu', 'syslog-us']);
  });

  it("leaves Kafka's own topics and the dead letters to no pattern, but to a name", () => {
    const all = readTopicChoice(['/.*/'], ['oomscope-dead-letters']);
    expect(chosenTopics(all, CLUSTER)).toEqual(['orders', 'syslog', 'syslog-eu', 'syslog-us']);
    const named = readTopicChoice(['/.*/', 'oomscope-dead-letters'], ['oomscope-dead-letters']);
    expect(chosenTopics(named, CLUSTER)).toContain('oomscope-dead-letters');
  });

  it.each(['/syslog', 'sys log', 'syslog/', '/', '//', '/sys[log/', '/(?<=a)b/', 'a'.repeat(250)])(
    'refuses %s',
    (item) => {
      expect(() => readTopicChoice([item], [])).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('kafka.topics') }),
      );
    },
  );
});
