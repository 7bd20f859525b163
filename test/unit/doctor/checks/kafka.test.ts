import { describe, expect, it } from 'vitest';
import { CHECKS, diagnose } from '../../../../src/doctor/checks/index.ts';
import { healthy, saidBy, verdictsOf, withKafka, withTopic } from '../healthy.ts';

const trouble = { kind: 'refused', message: 'connect ECONNREFUSED' };

describe('a healthy deployment', () => {
  it('passes every check', () => {
    const { verdicts, notChecked, exitCode, code } = diagnose(healthy);
    expect(verdicts.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(new Set(verdicts.map(({ check }) => check)).size).toBe(CHECKS.length);
    expect({ notChecked, exitCode, code }).toEqual({ notChecked: [], exitCode: 0, code: undefined });
  });
});

describe('brokers', () => {
  const other = { address: 'k2.example:9092', advertised: false };

  it('warns when one of several does not answer, and fails when none does', () => {
    const [known] = healthy.kafka.brokers;
    expect(
      verdictsOf('brokers', withKafka({ brokers: [{ ...other, trouble }, ...(known ? [known] : [])] })),
    ).toMatchObject([{ state: 'warning', subject: 'k2.example:9092' }, { state: 'ok' }]);
    const none = withKafka({ brokers: [{ ...other, trouble }], topics: [] });
    expect(verdictsOf('brokers', none)[0]?.state).toBe('failure');
    expect(diagnose(none)).toMatchObject({ code: 'KAFKA_UNREACHABLE', exitCode: 4 });
  });

  it('fails when the cluster sends its clients to an address that is not there', () => {
    const brokers = [...healthy.kafka.brokers, { address: 'internal:9093', advertised: true, trouble }];
    const found = verdictsOf('brokers', withKafka({ brokers }))[1];
    expect(found).toMatchObject({ state: 'failure', subject: 'internal:9093' });
    expect(found?.advice).toContain('advertised.listeners');
  });

  it('tells TLS, SASL and a listener of another kind apart', () => {
    const adviceFor = (kind: string) =>
      verdictsOf('brokers', withKafka({ brokers: [{ ...other, trouble: { kind, message: 'x' } }] }))[0]?.advice;
    expect(adviceFor('tls')).toContain('kafka.tls.ca');
    expect(adviceFor('sasl')).toContain('kafka.sasl.password');
    expect(adviceFor('closed')).toMatch(/hangs up/);
  });
});

describe('topics', () => {
  it('fails for a name that is missing and for a pattern that matches none', () => {
    const facts = withKafka({ missingTopics: ['sylog', '/^kern-/'] });
    expect(saidBy('topics', facts)).toEqual([
      'ok: 3 partitions',
      'failure: there is no such topic, or it may not be described',
      'failure: no topic matches',
    ]);
    expect(diagnose(facts).exitCode).toBe(4);
  });

  it('fails for a compacted topic, also where it deletes too, and warns of a short retention', () => {
    const compacted = withTopic({ configuration: { 'cleanup.policy': 'compact,delete' } });
    expect(saidBy('compaction', compacted)).toEqual(['failure: cleanup.policy is compact,delete']);
    expect(diagnose(compacted).exitCode).toBe(2);
    const short = withTopic({ configuration: { 'cleanup.policy': 'delete', 'retention.ms': '7200000' } });
    expect(saidBy('compaction', short)).toEqual(['warning: kept for 2 hours']);
    const endless = withTopic({ configuration: { 'cleanup.policy': 'delete', 'retention.ms': '-1' } });
    expect(saidBy('compaction', endless)).toEqual(['ok: kept without limit of time']);
  });

  it('says nothing of settings that may not be read', () => {
    const { configuration: _, ...unknown } = healthy.kafka.topics[0] ?? { name: '', partitions: [] };
    expect(diagnose(withKafka({ topics: [unknown] })).notChecked).toEqual(['lines are kept']);
  });
});

describe('dead letters', () => {
  it('fails without the topic: the first letter would stop the worker', () => {
    const facts = withKafka({ deadLetters: { exists: false } });
    expect(verdictsOf('dead-letters', facts)).toMatchObject([{ state: 'failure', subject: 'letters' }]);
    expect(diagnose(facts)).toMatchObject({ code: 'DEAD_LETTER_FAILED', exitCode: 6 });
  });

  it('warns when it takes less than the topics do', () => {
    const wide = { 'max.message.bytes': '5000000' };
    const topics = healthy.kafka.topics.map((topic) => ({ ...topic, configuration: wide }));
    expect(saidBy('dead-letters', withKafka({ topics }))).toEqual([
      'warning: max.message.bytes is 1048588; letters may need 5000000, what the topics take',
    ]);
    expect(saidBy('dead-letters', withKafka({ topics, deadLetters: { exists: true, configuration: wide } }))).toEqual([
      'ok: exists',
    ]);
  });
});

describe('group and commits', () => {
  it('warns without workers, while partitions are shared out, and of workers without partitions', () => {
    const saidOf = (state: string, members: number) => saidBy('group', withKafka({ group: { state, members } }));
    expect(saidOf('Stable', 3)).toEqual(['ok: 3 workers for 3 partitions']);
    expect(saidOf('Empty', 0)).toEqual(['warning: no worker is in the group']);
    expect(saidOf('PreparingRebalance', 2)).toEqual(['warning: 2 workers; the group is in state PreparingRebalance']);
    expect(saidOf('Stable', 4)).toEqual(['warning: 4 workers for 3 partitions']);
  });

  it('adds up the lag', () => {
    expect(saidBy('commits', healthy)).toEqual(['ok: 30 records behind']);
  });

  const place = (partition: number, committed: number | undefined, firstOffset = 0, endOffset = 100) => ({
    partition,
    firstOffset,
    endOffset,
    ...(committed === undefined ? {} : { committed }),
  });

  it('fails when records were deleted unread', () => {
    const facts = withTopic({ partitions: [place(0, 10, 40), place(1, 100)] });
    expect(saidBy('commits', facts)).toEqual([
      'failure: 30 records on partition 0 were deleted before the group had read them',
    ]);
  });

  it('warns of commits beyond the end and of partitions that were added', () => {
    const facts = withTopic({
      partitions: [place(0, 101), place(1, 5), place(2, undefined), place(3, undefined, 7, 7)],
    });
    expect(saidBy('commits', facts)).toEqual([
      'warning: the commit lies beyond the end on partition 0',
      'warning: partition 2 of 4 hold records and no commit',
    ]);
  });

  it('warns of a group that has committed nothing, unless there is nothing to read', () => {
    const said = (end: number) => saidBy('commits', withTopic({ partitions: [place(0, undefined, 0, end)] }));
    expect(said(5)).toEqual(['warning: the group has committed nothing yet']);
    expect(said(0)).toEqual([]);
  });

  it('fails when the group may not be described, and then says nothing of commits', () => {
    const facts = withKafka({ group: { trouble: { kind: 'rights', message: 'Not authorized to access group' } } });
    expect(saidBy('group', facts)).toEqual(['failure: Not authorized to access group']);
    expect(saidBy('commits', facts)).toEqual([]);
  });
});
