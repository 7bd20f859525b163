/** The inventory beside the reports: what the pipeline writes of boots, and what it holds back for them. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { FetchedBlock } from '../../src/clients/kafka.ts';
import { readBlocks } from '../../src/clients/record-batch.ts';
import { createDecoder } from '../../src/consumer/index.ts';
import { lineBatchOf } from '../../src/consumer/record-batches.ts';
import { HOST_INDEX } from '../../src/document/index.ts';
import { analyse } from '../../src/enrich/index.ts';
import { silentMetrics } from '../../src/ops/index.ts';
import { createBootReader, createParser } from '../../src/parser/index.ts';
import { createPipeline } from '../../src/pipeline.ts';
import type { LineBatch } from '../../src/ports.ts';
import { bootMachine, KERNELS, printBoot, printRecords, SCENARIOS, scenarioState } from '../../src/simulate/index.ts';
import { DECODER_OPTIONS } from '../support/decoder.ts';
import { ManualClock, ManualSink, ManualSource, MemoryDeadLetters, MemoryLogger, settle } from '../support/fakes.ts';
import { encodeBatch } from '../support/record-batch.ts';

const place = { topic: 'syslog', partition: 0 };
const AT_MS = Date.UTC(2026, 10, 23, 4, 1, 2);
const NOISE = 'eth0: link is up at 1000 Mbps';

const decoder = createDecoder(DECODER_OPTIONS);

const say = (host: string, texts: readonly string[], uptime = '0.000000'): string[] =>
  texts.map((text) => `<5>Nov 23 04:01:02 ${host} kernel: [    ${uptime}] ${text}`);

/** Records as one batch of Kafka, searched and decoded as the worker does. */
function batchOf(firstOffset: number, values: readonly string[], firstAtMs = AT_MS): LineBatch {
  const records = values.map((value) => ({ value }));
  const [block] = readBlocks(encodeBatch({ baseOffset: firstOffset, firstAtMs, records }));
  if (block === undefined) throw new Error('no block');
  const fetched: FetchedBlock = { ...block, ...place, fromOffset: firstOffset, epoch: 1 };
  return lineBatchOf(fetched, decoder);
}

describe('the pipeline with an inventory', () => {
  let source: ManualSource;
  let sink: ManualSink;
  let clock: ManualClock;
  const context = { epoch: 1, heartbeat: async () => {} };
  const committed = () => source.commits.map(({ offset }) => offset);
  const written = () => sink.writes.map(({ write }) => [write.index, write.id]);

  beforeEach(async () => {
    source = new ManualSource();
    sink = new ManualSink();
    clock = new ManualClock();
    const pipeline = createPipeline(
      {
        source,
        parser: createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 10_000, maxBytes: 2 ** 24 }),
        boots: createBootReader({ idleMs: 30_000, ageMs: 600_000 }),
        analyse,
        sink,
        deadLetters: new MemoryDeadLetters(),
        clock,
        logger: new MemoryLogger(),
        metrics: silentMetrics,
      },
      { commitIntervalMs: 1000, heldBytes: 1_000_000 },
    );
    void pipeline.run();
    source.handler?.onAssigned(1, [place]);
    await settle();
  });

  const boot = printBoot(bootMachine(KERNELS['3.2'], 2 ** 23));

  it('writes a host when its boot is told, reading all lines of that host and none of the others', async () => {
    const others = say('web01', [NOISE, NOISE]);
    await source.handler?.onBatch(batchOf(0, [...others, ...say('db07', boot), ...others]), context);
    await settle();
    // What follows tells whether the log was read as the host came up.
    expect(written()).toEqual([]);
    source.handler?.onIdle(place, 0);
    source.handler?.onIdle(place, 31_000);
    await settle();
    expect(written()).toEqual([[HOST_INDEX, 'db07']]);
    expect(sink.writes[0]?.write.document).toMatchObject({
      message: 'db07 runs Linux 3.2.59 with 32 bits: 891 MiB of low memory below 7.1 GiB of HighMem.',
      oom: { highmem: { present: true }, host: { source: 'boot' } },
    });
    // The first record of the boot is needed until the document is acknowledged.
    await clock.advance(1000);
    expect(committed()).toEqual([2]);
    sink.writes[0]?.settle('created');
    await settle();
    await clock.advance(1000);
    expect(committed()).toEqual([2, boot.length + 4]);
  });

  it('commits up to an open boot, and writes what is known of it once it is silent', async () => {
    const begun = boot.slice(0, boot.findIndex((text) => text.includes('LOWMEM')) + 1);
    await source.handler?.onBatch(batchOf(0, [...say('web01', [NOISE]), ...say('db07', begun)]), context);
    await clock.advance(1000);
    expect(committed()).toEqual([1]);
    expect(written()).toEqual([]);
    source.handler?.onIdle(place, 0);
    source.handler?.onIdle(place, 31_000);
    await settle();
    expect(written()).toEqual([[HOST_INDEX, 'db07']]);
  });

  it('writes the host of a report beside it, and acknowledges both together', async () => {
    const state = scenarioState(SCENARIOS['lowmem-slab'], { kernel: KERNELS['3.2'], seed: 1 });
    const texts = printRecords(state).flatMap((record) => record.split('\n'));
    await source.handler?.onBatch(batchOf(0, say('db07', texts, '7200.000001')), context);
    source.handler?.onIdle(place, 0);
    source.handler?.onIdle(place, 700_000);
    source.handler?.onIdle(place, 700_000);
    await settle();
    const [report, host] = sink.writes;
    expect(report?.write.index).toBe('oom-report-2026.11.01');
    expect([host?.write.index, host?.write.id]).toEqual([HOST_INDEX, 'db07']);
    expect(host?.write.document).toMatchObject({
      '@timestamp': '2026-11-23T04:01:02.000Z',
      oom: { host: { source: 'report', booted: '2026-11-23T02:01:01.999Z' }, kernel: { address_bits: 32 } },
    });
    report?.settle('created');
    await settle();
    await clock.advance(1000);
    expect(committed().at(-1)).toBe(0);
    host?.settle('created');
    await settle();
    await clock.advance(1000);
    expect(committed().at(-1)).toBe(texts.length);
  });

  it('lets go of a boot that tells nothing', async () => {
    await source.handler?.onBatch(batchOf(0, say('db07', ['Linux version 5.15.1 (b@f) (gcc) #1'])), context);
    source.handler?.onIdle(place, 0);
    source.handler?.onIdle(place, 31_000);
    await settle();
    await clock.advance(1000);
    expect(written()).toEqual([]);
    expect(committed().at(-1)).toBe(1);
  });

  it('takes no boot from a program that writes like the kernel', async () => {
    const forged = boot.map((text) => `<13>Nov 23 04:01:02 db07 root: ${text}`);
    await source.handler?.onBatch(batchOf(0, forged), context);
    await settle();
    await clock.advance(1000);
    expect(written()).toEqual([]);
    expect(committed()).toEqual([forged.length]);
  });
});
