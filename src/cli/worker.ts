/** `oomscope worker`: Kafka to Elasticsearch, until a signal or a failure that trying again cannot mend. */
import { readFileSync } from 'node:fs';
import { checkTemplates, installTemplates } from '../assets/index.ts';
import { readAvroSchema } from '../clients/index.ts';
import { createDecoder, createKafkaSource, type DecoderOptions, decodeUtf8 } from '../consumer/index.ts';
import { analyse } from '../enrich/index.ts';
import { createLogger, createMetrics, systemClock } from '../ops/index.ts';
import { createParser } from '../parser/index.ts';
import { createPipeline } from '../pipeline.ts';
import type { Logger } from '../ports.ts';
import { startServer } from '../server/index.ts';
import { createDeadLetterTopic, createElasticsearchSink } from '../sink/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { elasticsearchClientOf } from './setup.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** What still runs so long after the end is nobody's. */
const LINGER_MS = 1_000;

/** A broker that is there answers a fetch or a heartbeat within this time. */
const NOTICED_SILENCE_MS = 12_000;

/** Half of the time after which the source gives its client up. */
const LONGEST_SILENCE_MS = 60_000;

/** Runs the worker; resolves with its exit code. Throws CONFIG_INVALID and SCHEMA_INVALID before anything is connected. */
export async function runWorker(options: OptionValues, version: string): Promise<number> {
  const logger = createLogger(options['log.level']);
  const metrics = createMetrics();
  const kafka = kafkaOptionsOf(options);
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
  const source = createKafkaSource(
    {
      ...kafka,
      topics: options['kafka.topics'],
      group: options['kafka.group'],
      sessionTimeoutMs: options['kafka.session.timeout'],
      maxBytes: options['kafka.max.bytes'],
      maxBytesPerPartition: options['kafka.max.bytes.partition'],
    },
    { decoder, clock: systemClock, logger },
  );
  const parser = createParser({
    idleMs: options['parser.idle'],
    ageMs: options['parser.age'],
    maxLines: options['parser.max.lines'],
    maxBytes: options['parser.max.bytes'],
  });
  const pipeline = createPipeline(
    { source, parser, analyse, sink, deadLetters, clock: systemClock, logger, metrics },
    { commitIntervalMs: options['kafka.commit.interval'], heldBytes: options['sink.held.bytes'] },
  );

  const stop = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.resolve(signal));
  const server =
    options['http.listen'] === 'off'
      ? undefined
      : await startServer(options['http.listen'], {
          expose: metrics.expose,
          health: () => healthProblems(source.silentMs),
          readiness: () => readinessProblems(pipeline.assigned, source.silentMs, sink.failingMs, client.address),
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
    const ready = await untilReachable(stop.promise, logger, () =>
      options['sink.setup'] ? installTemplates(client) : checkTemplates(client),
    );
    if (ready) {
      const running = pipeline.run();
      const reason = await Promise.race([stop.promise, running.then(() => 'end of input')]);
      logger.event('worker-stopping', { reason });
      await pipeline.stop(options['worker.drain']);
      await running;
    }
  } catch (error) {
    logger.event('worker-stopping', { error });
    exitCode = error instanceof OomscopeError ? error.exitCode : 70;
    console.error(`oomscope: ${error instanceof Error ? error.message : error}`);
  } finally {
    await server?.close();
    await deadLetters.close();
    await client.close();
    logger.event('worker-stopped', { exitCode });
    // A connection that the Kafka client was making when it was told to end may hold the process.
    setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
  }
  return exitCode;
}

function healthProblems(silentMs: number): string[] {
  if (silentMs < LONGEST_SILENCE_MS) return [];
  return [`the Kafka client has neither fetched nor sent a heartbeat for ${silentMs / 1_000} s`];
}

function readinessProblems(isAssigned: boolean, silentMs: number, failingMs: number, address: string): string[] {
  return [
    ...(isAssigned ? [] : ['no partitions are assigned']),
    ...(silentMs < NOTICED_SILENCE_MS ? [] : [`no broker has answered for ${silentMs / 1_000} s`]),
    ...(failingMs === 0 ? [] : [`${address} has taken no documents for ${Math.ceil(failingMs / 1_000)} s`]),
  ];
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

function kafkaOptionsOf(options: OptionValues) {
  const mechanism = options['kafka.sasl.mechanism'];
  const ca = options['kafka.tls.ca'];
  return {
    brokers: options['kafka.brokers'],
    clientId: options['kafka.client'],
    ...(options['kafka.tls'] ? { tls: ca === undefined ? {} : { ca: readCa(ca) } } : {}),
    ...(mechanism === 'none'
      ? {}
      : {
          sasl: {
            mechanism,
            username: needed(options, 'kafka.sasl.username'),
            password: needed(options, 'kafka.sasl.password'),
          },
        }),
  };
}

function needed(options: OptionValues, name: 'kafka.sasl.username' | 'kafka.sasl.password'): string {
  const value = options[name];
  if (value !== undefined) return value;
  throw new OomscopeError('CONFIG_INVALID', `${name} is not given, but kafka.sasl.mechanism needs it.`);
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OomscopeError('CONFIG_INVALID', `kafka.tls.ca: cannot read ${path}; expected a PEM file.`, cause);
  }
}

function decoderOptionsOf(options: OptionValues): DecoderOptions {
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
