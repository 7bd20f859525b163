import { beforeEach, describe, expect, it } from 'vitest';
import type { LogLine, OomReport } from '../../src/domain.ts';
import { silentMetrics } from '../../src/ops/index.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline.ts';
import type { Analyse, Decoded, Parser } from '../../src/ports.ts';
import { OomscopeError } from '../../src/tables/errors.ts';
import {
  batchOf,
  ManualClock,
  ManualSink,
  ManualSource,
  MemoryDeadLetters,
  MemoryLogger,
  settle,
} from '../support/fakes.ts';
import { killOnlyReport, poorAnalysis } from '../support/reports.ts';

const place = { topic: 'syslog', partition: 0 };

/**
 * A parser whose lines say what to do: `open` keeps a report open from that offset, `close` emits it, `storm` emits a hundred,
 * anything else is noise.
 * So the tests speak of offsets, not of kernels.
 */
class ScriptedParser implements Parser {
  openedAt: number | undefined;
  clockMs = 0;
  readonly stats = {
    openReports: 0,
    heldBytes: 0,
    evictedReports: 0,
    shedReports: { lines: 0, tasks: 0, sections: 0 },
  };

  push(line: LogLine): OomReport[] {
    const { offset } = line.position;
    if (line.text === 'open') this.openedAt = offset;
    if (line.text === 'storm') {
      const position = { ...place, offset };
      return Array.from({ length: 100 }, () => killOnlyReport({ firstPosition: position, lastPosition: position }));
    }
    if (line.text !== 'close') return [];
    const first = { ...place, offset: this.openedAt ?? offset };
    this.openedAt = undefined;
    return [killOnlyReport({ firstPosition: first, lastPosition: line.position })];
  }

  advance(_topic: string, _partition: number, atMs: number): OomReport[] {
    this.clockMs = atMs;
    return [];
  }

  end(): OomReport[] {
    return [];
  }

  openHosts(): ReadonlySet<string> {
    return new Set();
  }

  firstNeeded(): number | undefined {
    return this.openedAt;
  }

  reset(): void {
    this.openedAt = undefined;
  }
}

const line = (offset: number, text: string): Decoded => ({
  kind: 'line',
  shape: 'text',
  line: { host: 'web01', text, position: { ...place, offset }, trust: 'facility' },
});

const lines = (firstOffset: number, ...texts: string[]) =>
  batchOf(
    place,
    firstOffset,
    texts.map((text, i) => line(firstOffset + i, text)),
  );

describe('the pipeline', () => {
  let source: ManualSource;
  let sink: ManualSink;
  let parser: ScriptedParser;
  let clock: ManualClock;
  let deadLetters: MemoryDeadLetters;
  let pipeline: Pipeline;
  let running: Promise<void>;
  let failure: unknown;
  let analyse: Analyse;
  const heartbeats: number[] = [];
  const context = { epoch: 1, heartbeat: async () => void heartbeats.push(1) };
  const committed = () => source.commits.map(({ offset }) => offset);

  beforeEach(async () => {
    source = new ManualSource();
    sink = new ManualSink();
    parser = new ScriptedParser();
    clock = new ManualClock();
    deadLetters = new MemoryDeadLetters();
    failure = undefined;
    analyse = () => poorAnalysis();
    heartbeats.length = 0;
    pipeline = createPipeline(
      {
        source,
        parser,
        analyse: (report) => analyse(report),
        sink,
        deadLetters,
        clock,
        logger: new MemoryLogger(),
        metrics: silentMetrics,
      },
      { commitIntervalMs: 1000, heldBytes: 1000 },
    );
    running = pipeline.run().catch((error: unknown) => {
      failure = error;
    });
    source.handler?.onAssigned(1, [place]);
    await settle();
  });

  it('commits behind the last record when nothing is open', async () => {
    await source.handler?.onBatch(lines(0, 'noise', 'noise'), context);
    await clock.advance(1000);
    expect(committed()).toEqual([2]);
    await clock.advance(1000);
    expect(committed()).toEqual([2]);
  });

  it('commits up to an open report and not beyond, also at offset 0', async () => {
    await source.handler?.onBatch(lines(0, 'open', 'noise', 'noise'), context);
    await clock.advance(1000);
    expect(committed()).toEqual([0]);
    await source.handler?.onBatch(lines(3, 'noise'), context);
    await clock.advance(1000);
    expect(committed()).toEqual([0]);
  });

  it('holds the commit until the document is acknowledged', async () => {
    await source.handler?.onBatch(lines(0, 'noise', 'open', 'close', 'noise'), context);
    await clock.advance(1000);
    expect(committed()).toEqual([1]);
    sink.writes[0]?.settle('created');
    await settle();
    await clock.advance(1000);
    expect(committed()).toEqual([1, 4]);
  });

  it('forgets everything at a new assignment and takes no line of the old one', async () => {
    await source.handler?.onBatch(lines(0, 'open', 'close'), context);
    source.handler?.onAssigned(2, [place]);
    sink.writes[0]?.settle('created');
    await source.handler?.onBatch(lines(2, 'noise'), context);
    await settle();
    await clock.advance(1000);
    expect(committed()).toEqual([]);
    await source.handler?.onBatch(lines(0, 'noise'), { ...context, epoch: 2 });
    await clock.advance(1000);
    expect(source.commits).toEqual([{ epoch: 2, place, offset: 1 }]);
  });

  it('beats the heart within long batches', async () => {
    await source.handler?.onBatch(lines(0, ...Array.from({ length: 1700 }, () => 'noise')), context);
    expect(heartbeats).toHaveLength(3);
  });

  it('pauses when too much waits for the sink and goes on below half of it', async () => {
    sink.heldBytes = 2000;
    await source.handler?.onBatch(lines(0, 'noise'), context);
    expect([...source.paused]).toEqual(['syslog/0']);
    sink.heldBytes = 600;
    await clock.advance(1000);
    expect([...source.paused]).toEqual(['syslog/0']);
    sink.heldBytes = 400;
    await clock.advance(1000);
    expect([...source.paused]).toEqual([]);
  });

  it('stays paused at a new assignment while too much waits', async () => {
    sink.heldBytes = 2000;
    source.handler?.onAssigned(2, [place]);
    expect([...source.paused]).toEqual(['syslog/0']);
    sink.heldBytes = 0;
    source.handler?.onAssigned(3, [place]);
    expect([...source.paused]).toEqual([]);
  });

  it('writes a storm of reports as far as there is room, the heart beating, and commits none that waits', async () => {
    sink.heldBytes = 2000;
    const batch = source.handler?.onBatch(lines(0, 'noise', 'storm', 'noise'), context);
    await settle();
    expect(sink.writes).toHaveLength(1);
    expect([...source.paused]).toEqual(['syslog/0']);
    for (let i = 0; i < 4; i++) await clock.advance(500);
    expect(heartbeats).toHaveLength(4);
    expect(sink.writes).toHaveLength(1);
    sink.heldBytes = 0;
    await clock.advance(500);
    for (let i = 0; i < 12; i++) await settle();
    await batch;
    expect(sink.writes).toHaveLength(100);
    await clock.advance(1000);
    expect(committed()).toEqual([1]);
    for (const { settle: acknowledge } of sink.writes) acknowledge('created');
    await settle();
    await clock.advance(1000);
    expect(committed()).toEqual([1, 3]);
  });

  it('takes no line twice when a failed heartbeat has its batch delivered again', async () => {
    const failing = {
      epoch: 1,
      heartbeat: async () => {
        throw new Error('connection closed');
      },
    };
    const batch = lines(0, 'close', ...Array.from({ length: 600 }, () => 'noise'), 'close');
    await expect(source.handler?.onBatch(batch, failing)).rejects.toThrow('connection closed');
    await source.handler?.onBatch(batch, context);
    await source.handler?.onBatch(batch, context);
    expect(sink.writes.map(({ write }) => write.positions.first.offset)).toEqual([0, 601]);
    source.handler?.onAssigned(2, [place]);
    await source.handler?.onBatch(batch, { ...context, epoch: 2 });
    expect(sink.writes).toHaveLength(4);
  });

  it('overlooks no report that comes just as the last one has left', async () => {
    const batches = Array.from({ length: 40 }, async (_, turn) => {
      for (let i = 0; i < turn; i += 1) await Promise.resolve();
      await source.handler?.onBatch(lines(turn, 'close'), context);
    });
    await settle();
    await clock.advance(500);
    await Promise.all(batches);
    expect(sink.writes).toHaveLength(40);
  });

  it('drops what has not left when the assignment changes', async () => {
    sink.heldBytes = 2000;
    const batch = source.handler?.onBatch(lines(0, 'storm'), context);
    await settle();
    source.handler?.onAssigned(2, [place]);
    await clock.advance(500);
    await batch;
    expect(sink.writes).toHaveLength(1);
  });

  it('ends with the defect of an analysis, not without a word', async () => {
    analyse = () => {
      throw new TypeError('a defect');
    };
    await source.handler?.onBatch(lines(0, 'open', 'close'), context);
    await running;
    expect(failure).toMatchObject({ message: 'a defect' });
    expect(committed()).toEqual([]);
  });

  it('sends a record with an opener that it cannot read to the dead letters, and holds it until they have it', async () => {
    const position = { ...place, offset: 0 };
    const bytes = new Uint8Array([1]);
    const decoded = { kind: 'undecodable', position, reason: 'json', detail: 'cut', bytes } as const;
    const batch = batchOf(place, 0, [
      { ...decoded, holdsOpener: true },
      { ...decoded, holdsOpener: false },
    ]);
    await source.handler?.onBatch(batch, context);
    expect(deadLetters.letters).toHaveLength(1);
    expect(deadLetters.letters[0]).toMatchObject({ reason: 'undecodable', error: 'json: cut', bytes });
    await settle();
    await clock.advance(1000);
    expect(committed()).toEqual([2]);
  });

  it("ends with the sink's error and commits nothing that was not acknowledged", async () => {
    await source.handler?.onBatch(lines(0, 'open', 'close'), context);
    sink.writes[0]?.fail(new OomscopeError('SINK_FORBIDDEN', 'no'));
    await running;
    expect(failure).toMatchObject({ code: 'SINK_FORBIDDEN' });
    expect(committed()).toEqual([]);
  });

  it('stops: waits for documents, commits, closes the source, and takes no further line', async () => {
    await source.handler?.onBatch(lines(0, 'open', 'close'), context);
    await pipeline.stop(1000);
    await running;
    expect(committed()).toEqual([2]);
    expect(source.closed).toBe(true);
    await source.handler?.onBatch(lines(2, 'open', 'close'), context);
    expect(sink.writes).toHaveLength(1);
  });

  it('writes and commits everything when its source ends', async () => {
    await source.handler?.onBatch(lines(0, 'open', 'close'), context);
    source.end();
    await running;
    expect(failure).toBeUndefined();
    expect(committed()).toEqual([2]);
  });

  it("drives the parser by the partition's clock", async () => {
    await source.handler?.onBatch(batchOf(place, 0, [line(0, 'noise')], 5000), context);
    expect(parser.clockMs).toBe(5000);
    source.handler?.onIdle(place, 250);
    expect(parser.clockMs).toBe(5250);
  });
});
