/** Topics that are deleted, cut, empty, compacted or written in transactions. */
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/worker.ts';
import { openStageOrSkip, type Stage } from './stage.ts';
import { openTrial, reportOf, type Trial } from './trial.ts';

const opened = await openStageOrSkip();

describe.skipIf(!opened)('a worker on a topic', () => {
  const stage = opened as Stage;
  const kafka = new Kafka({
    clientId: 'test',
    brokers: [...(opened?.kafka.brokers ?? [])],
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  let trial: Trial;

  beforeEach(async () => {
    await admin.connect();
    trial = await openTrial(stage);
  });

  afterEach(async () => {
    for (const code of await trial.close()) expect([0, 'SIGKILL']).toContain(code);
    await admin.disconnect();
  });

  afterAll(() => stage?.close());

  it('that is empty is ready, and ends with 0', async () => {
    const worker = await trial.start();
    await until('it is ready', async () => (await worker.ready()) === 200);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  it('that is deleted and made again goes on', async () => {
    const worker = await trial.start();
    await trial.topics.produce(trial.topic, reportOf('web01'));
    await trial.drained();
    await trial.topics.remove(trial.topic);
    await until('it misses the topic', async () => worker.events.some(({ event }) => event === 'kafka-retry'), 90_000);
    expect(await worker.ready()).toBe(503);
    await trial.topics.create(trial.topic, 1);
    await trial.topics.produce(trial.topic, reportOf('web02'));
    await until('the new report is there', async () => (await trial.hosts()).includes('web02'), 90_000);
    expect(await trial.hosts()).toEqual(['web01', 'web02']);
  });

  it('whose committed offset is out of range begins at its beginning', async () => {
    await trial.topics.produce(trial.topic, reportOf('web01'));
    await admin.setOffsets({
      groupId: trial.group,
      topic: trial.topic,
      partitions: [{ partition: 0, offset: '99999' }],
    });
    const worker = await trial.start();
    await trial.drained();
    expect(worker.events.some(({ event }) => event === 'offset-reset')).toBe(true);
    expect(await trial.hosts()).toEqual(['web01']);
  });

  it('whose older half was deleted while the worker was down reads what is left', async () => {
    const records = [...reportOf('web01'), ...reportOf('web02')];
    const first = await trial.start();
    await trial.topics.produce(trial.topic, records.slice(0, 10));
    await until('the report is open', async () => (await first.metric('oomscope_reports_open')) === 1);
    first.kill('SIGKILL');
    await trial.topics.produce(trial.topic, records.slice(10));
    const half = String(records.length / 2);
    await admin.fetchTopicOffsets(trial.topic);
    await admin.deleteTopicRecords({ topic: trial.topic, partitions: [{ partition: 0, offset: half }] });
    await trial.start();
    await trial.drained();
    expect(await trial.hosts()).toContain('web02');
  });

  it('with tombstones passes over them', async () => {
    const tombstone = { key: 'web01', value: null, atMs: Date.now() - 3_600_000, partition: 0 };
    const records = reportOf('web01').flatMap((record) => [tombstone, record]);
    await trial.topics.produce(trial.topic, [...records, tombstone]);
    await trial.start();
    await trial.drained();
    expect(await trial.hosts()).toEqual(['web01']);
    expect(await trial.topics.count(trial.letters)).toBe(0);
  });

  it('that is compacted reads what is left', async () => {
    const topic = `${trial.topic}-compacted`;
    const configEntries = Object.entries({
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01',
      'max.compaction.lag.ms': '100',
    }).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true });
    const report = reportOf('web01').map((record, index) => ({ ...record, key: `line-${index}` }));
    const noise = (text: string) => ({
      key: 'noise',
      value: `<6>1 - web02 kernel - - - ${text}`,
      atMs: report[0]?.atMs ?? 0,
    });
    for (const [index, record] of report.entries()) await trial.topics.produce(topic, [noise(`tick ${index}`), record]);
    await trial.start({ OOMSCOPE_KAFKA_TOPICS: topic });
    await until('the report is there', async () => (await trial.hosts()).length === 1);
    expect([...(await trial.documents()).values()][0]).toMatchObject({ oom: { complete: true } });
  });

  it('that a pattern names is read as soon as it is there, and again when it gets partitions', async () => {
    const topic = `${trial.topic}-later`;
    const worker = await trial.start({
      OOMSCOPE_KAFKA_TOPICS: `/^${trial.topic}/`,
      OOMSCOPE_KAFKA_METADATA_INTERVAL: '1000',
      OOMSCOPE_START: 'latest',
    });
    await until('it is ready', async () => (await worker.ready()) === 200);
    await trial.topics.create(topic, 1);
    await trial.topics.produce(topic, reportOf('web01'));
    await until('the report is there', async () => (await trial.hosts()).join() === 'web01');
    await trial.topics.grow(topic, 3);
    await trial.topics.produce(topic, reportOf('web02', undefined, 2));
    await until('the new report is there', async () => (await trial.hosts()).join() === 'web01,web02');
    await until('partitions were counted', async () => (await worker.metric('oomscope_partitions_added_total')) === 2);
    await until('nothing is left', async () => (await worker.metric('oomscope_lag_records')) === 0);
    // Its own topic and three partitions of the other; the dead letters are left alone, though the pattern names them.
    expect(await worker.metric('oomscope_partitions_assigned')).toBe(4);
  });

  it('written in transactions reads what was committed', async () => {
    const producer = kafka.producer({ transactionalId: `${trial.topic}-tx`, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const [host, ends] of [
      ['aborted', 'abort'],
      ['web01', 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      const messages = reportOf(host).map(({ key, value, atMs }) => ({
        key,
        value,
        timestamp: String(atMs),
        partition: 0,
      }));
      await transaction.send({ topic: trial.topic, messages });
      await transaction[ends]();
    }
    await producer.disconnect();
    const worker = await trial.start();
    await until('the report is there', async () => (await trial.hosts()).length === 1);
    expect(await trial.hosts()).toEqual(['web01']);
    await until('nothing is open', async () => (await worker.metric('oomscope_reports_open')) === 0);
    await until('nothing is left', async () => (await worker.metric('oomscope_lag_records')) === 0);
  });
});
