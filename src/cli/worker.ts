/** `oomscope worker`: Kafka to Elasticsearch, until a signal or a failure that trying again cannot mend. */
import { checkTemplates, installTemplates } from '../assets/index.ts';
import { readAvroSchema } from '../clients/index.ts';
import {
  createDecoder,
  createKafkaSource,
  type DecoderOptions,
  decodeUtf8,
  type KafkaSourceOptions,
} from '../consumer/index.ts';
import { SCHEMA_VERSION } from '../document/index.ts';
import { ANALYZER_REVISION, analyse } from '../enrich/index.ts';
import { checkTogether, createLogger, createMetrics, systemClock } from '../ops/index.ts';
import { createBootReader, createParser } from '../parser/index.ts';
import { createPipeline } from '../pipeline.ts';
import type { Logger } from '../ports.ts';
import { healthProblems, readinessProblems, startServer } from '../server/index.ts';
import { createDeadLetterTopic, createElasticsearchSink } from '../sink/index.ts';
import { ERRORS, OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { escapeLines } from '../view/index.ts';
import { kafkaOptionsOf } from './kafka-options.ts';
import { elasticsearchClientOf } from './setup.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** What still runs so long after the end is nobody's. */
const LINGER_MS = 1_000;

const DAY_MS = 86_400_000;

/** Committing and leaving the group take at most so long, with brokers that answer or without. */
const LEAVE_LIMIT_MS = 15_000;

/** Two signals closer than this are one: a terminal and the process that started the worker both send it. */
const SAME_SIGNAL_MS = 500;

/** Runs the worker; resolves with its exit code. Throws CONFIG_INVALID and SCHEMA_INVALID before anything is connected. */
export async function runWorker(options: OptionValues, version: string): Promise<number> {
  checkTogether(options);
  const logger = createLogger(options['log.level']);
  const metrics = createMetrics();
  metrics.observeProcess();
  metrics.set('oomscope_build_info', 1, {
    version,
    node: process.version,
    analyzer: String(ANALYZER_REVISION),
    schema: String(SCHEMA_VERSION),
  });
  const kafka = sourceOptionsOf(options);
  const decoder = createDecoder(decoderOptionsOf(options));
  const client = elasticsearchClientOf(options);
  const deadLetters = createDeadLetterTopic({ ...kafka, topic: options['dead.letters.topic'] }, logger, systemClock);
  const sink = createElasticsearchSink(
    {
      maxDocuments: options['sink.batch.documents'],
      maxBytes: options['sink.batch.bytes'],
      maxAgeMs: options['sink.batch.age'],
      retentionDays: options['sink.retention'],
    },
    { client, clock: systemClock, logger, metrics, deadLetters },
  );
  const source = createKafkaSource(kafka, { decoder, clock: systemClock, logger, metrics });
  const parser = createParser({
    idleMs: options['parser.idle'],
    ageMs: options['parser.age'],
    maxLines: options['parser.max.lines'],
    maxBytes: options['parser.max.bytes'],
  });
  const boots = createBootReader({ idleMs: options['parser.idle'], ageMs: options['parser.age'] });
  const pipeline = createPipeline(
    { source, parser, boots, analyse, sink, deadLetters, clock: systemClock, logger, metrics },
    { commitIntervalMs: options['kafka.commit.interval'], heldBytes: options['sink.held.bytes'] },
  );

  const stop = stopBySignal(options['worker.drain'], logger);
  const server =
    options['http.listen'] === 'off'
      ? undefined
      : await startServer(options['http.listen'], {
          expose: metrics.expose,
          health: () => healthProblems(source.silentMs),
          readiness: () =>
            readinessProblems({
              isAssigned: pipeline.assigned,
              silentMs: source.silentMs,
              failingMs: sink.failingMs,
              address: client.address,
            }),
          logger,
        });
  logger.event('worker-started', {
    version,
    brokers: kafka.brokers,
    topics: options['kafka.topics'],
    group: options['kafka.group'],
    elasticsearch: client.address,
  });

  let exitCode = 0;
  try {
    const ready = await untilReachable(stop, logger, () =>
      options['sink.setup']
        ? installTemplates(client)
        : checkTemplates(client, systemClock.nowMs() - options['sink.retention'] * DAY_MS),
    );
    if (ready) {
      const running = pipeline.run();
      const reason = await Promise.race([stop, running.then(() => 'end of input')]);
      logger.event('worker-stopping', { reason });
      await pipeline.stop(options['worker.drain']);
      await running;
    }
  } catch (error) {
    logger.event('worker-stopping', { error });
    exitCode = error instanceof OomscopeError ? error.exitCode : 70;
    console.error(`oomscope: ${escapeLines(error instanceof Error ? error.message : String(error))}`);
  } finally {
    await server?.close();
    await deadLetters.close();
    // It waits for requests that hang, up to their own limit.
    await systemClock.sleep(LINGER_MS, client.close());
    logger.event('worker-stopped', { exitCode });
    // A connection that the Kafka client was making when it was told to end may hold the process.
    setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
  }
  return exitCode;
}

/**
 * Resolves with the first signal. A later one ends the process at once, and so does the drain limit with what leaving the
 * group may take beyond it: what was not committed is read again.
 */
function stopBySignal(drainMs: number, logger: Logger): Promise<string> {
  const first = Promise.withResolvers<string>();
  let firstAtMs: number | undefined;
  const endAtOnce = (reason: string): void => {
    const { exitCode } = ERRORS.DRAIN_TIMEOUT;
    logger.event('worker-stopped', { exitCode, reason });
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const nowMs = systemClock.elapsedMs();
      if (firstAtMs === undefined) {
        firstAtMs = nowMs;
        setTimeout(endAtOnce, drainMs + LEAVE_LIMIT_MS, 'the limit of leaving the group').unref();
        first.resolve(signal);
      } else if (nowMs - firstAtMs >= SAME_SIGNAL_MS) endAtOnce(`a second ${signal}`);
    });
  }
  return first.promise;
}

/** Tries until it works; false when a signal came first. What cannot be mended by waiting is thrown. */
async function untilReachable(
  stop: Promise<unknown>,
  logger: Logger,
  attempt: () => Promise<unknown>,
): Promise<boolean> {
  let stopped = false;
  void stop.then(() => {
    stopped = true;
  });
  for (let pauseMs = FIRST_RETRY_MS; !stopped; pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)) {
    try {
      await attempt();
      return true;
    } catch (error) {
      if (!(error instanceof OomscopeError) || !error.retryable) throw error;
      logger.event('sink-retry', { reason: error.message, pauseMs });
      await systemClock.sleep(pauseMs, stop);
    }
  }
  return false;
}

/** Brokers, credentials, group and topics. Reads the files of TLS and SASL; throws CONFIG_INVALID. */
export const sourceOptionsOf = (options: OptionValues): KafkaSourceOptions => ({
  ...kafkaOptionsOf(options),
  topics: options['kafka.topics'],
  excludedTopics: [options['dead.letters.topic']],
  start: options.start,
  metadataIntervalMs: options['kafka.metadata.interval'],
  group: options['kafka.group'],
  sessionTimeoutMs: options['kafka.session.timeout'],
  maxBytes: options['kafka.max.bytes'],
  maxBytesPerPartition: options['kafka.max.bytes.partition'],
});

/** Reads the schema file. Throws CONFIG_INVALID and SCHEMA_INVALID. */
export function decoderOptionsOf(options: OptionValues): DecoderOptions {
  const schema = options['records.avro.schema'];
  if (options['records.format'] === 'avro' && schema === undefined) {
    throw new OomscopeError('CONFIG_INVALID', 'records.avro.schema is not given, but records.format avro needs it.');
  }
  return {
    format: options['records.format'],
    maxBytes: options['records.max.bytes'],
    kernelOnly: options['records.kernel.only'],
    trustProgram: options['records.trust.program'],
    labels: Object.fromEntries(options['records.labels'].map(labelOf)),
    decodeUtf8,
    ...(schema === undefined ? {} : { avro: readAvroSchema(schema) }),
  };
}

/** `cluster=fields.cluster` */
function labelOf(text: string): [string, string] {
  const match = /^([A-Za-z][A-Za-z0-9_]*)=(\S+)$/.exec(text);
  if (match?.[1] && match[2]) return [match[1], match[2]];
  throw new OomscopeError(
    'CONFIG_INVALID',
    `records.labels: ${JSON.stringify(text)} is not allowed; expected label=field.path (cluster=fields.cluster).`,
  );
}
