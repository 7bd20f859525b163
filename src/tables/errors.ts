/**
 * Every operational error: its code, the stage it arises in, whether trying again can help, and the exit code of a
 * command that ends by it. Codes are never reused and serve as metric labels. The paragraph stands in the reference.
 */

interface ErrorDefinition {
  readonly stage: 'configuration' | 'input' | 'kafka' | 'sink' | 'store' | 'internal';
  readonly retryable: boolean;
  readonly exitCode: number;
  readonly meaning: string;
}

const define = <Code extends string>(table: Record<Code, ErrorDefinition>): Readonly<Record<Code, ErrorDefinition>> =>
  table;

export const ERRORS = define({
  CONFIG_INVALID: {
    stage: 'configuration',
    retryable: false,
    exitCode: 2,
    meaning: 'An option is unknown, misspelt or has a value that is not allowed. The message names the option.',
  },
  INPUT_NOT_FOUND: {
    stage: 'input',
    retryable: false,
    exitCode: 3,
    meaning: 'A file given on the command line is not there or cannot be read.',
  },
  INPUT_NO_REPORT: {
    stage: 'input',
    retryable: false,
    exitCode: 1,
    meaning: 'The input was read to its end and holds no OOM report.',
  },
  SCHEMA_INVALID: {
    stage: 'configuration',
    retryable: false,
    exitCode: 2,
    meaning: 'The Avro schema file is not there, is not JSON, or is not a record schema.',
  },
  KAFKA_UNREACHABLE: {
    stage: 'kafka',
    retryable: true,
    exitCode: 4,
    meaning: 'No broker of kafka.brokers answers. The worker keeps trying with back-off and commits nothing meanwhile.',
  },
  KAFKA_TOPIC_MISSING: {
    stage: 'kafka',
    retryable: true,
    exitCode: 4,
    meaning: 'A topic of kafka.topics does not exist on the cluster or may not be described.',
  },
  KAFKA_CRASHED: {
    stage: 'kafka',
    retryable: false,
    exitCode: 5,
    meaning: 'The Kafka client stopped and will not restart by itself. The worker exits so that it is started anew.',
  },
  SINK_UNREACHABLE: {
    stage: 'sink',
    retryable: true,
    exitCode: 4,
    meaning:
      'Elasticsearch does not answer at elasticsearch.url. Writes are retried with back-off while Kafka is paused.',
  },
  SINK_FORBIDDEN: {
    stage: 'sink',
    retryable: false,
    exitCode: 6,
    meaning: 'Elasticsearch refuses the credentials or the role lacks a privilege. The worker stops; nothing is lost.',
  },
  SINK_TEMPLATE_MISSING: {
    stage: 'sink',
    retryable: false,
    exitCode: 6,
    meaning:
      'A template or the mapping of a month is missing, of another schema version or not what oomscope needs. Run `oomscope setup`, or do what it says.',
  },
  DEAD_LETTER_FAILED: {
    stage: 'sink',
    retryable: false,
    exitCode: 6,
    meaning:
      'A document was refused for good and the dead letters could not take it either. The worker stops uncommitted.',
  },
  KIBANA_UNREACHABLE: {
    stage: 'sink',
    retryable: true,
    exitCode: 4,
    meaning: 'Kibana does not answer at the address of the option kibana, or is not ready yet.',
  },
  KIBANA_REFUSED: {
    stage: 'sink',
    retryable: false,
    exitCode: 6,
    meaning:
      'Kibana refuses the credentials, is of a version that is not supported, or did not take all of the saved objects or rules. The message lists the reasons.',
  },
  STORE_FAILED: {
    stage: 'store',
    retryable: false,
    exitCode: 7,
    meaning: 'The embedded SQLite file cannot be opened, read or written.',
  },
  CANARY_MISSING: {
    stage: 'internal',
    retryable: true,
    exitCode: 9,
    meaning:
      'The report of `oomscope canary` was not found in Elasticsearch within its time. The message says how far it came: produced, read by the group, indexed.',
  },
  DRAIN_TIMEOUT: {
    stage: 'internal',
    retryable: false,
    exitCode: 8,
    meaning:
      'Documents in flight were not acknowledged within the drain limit. They are read again after the next start.',
  },
});

export type ErrorCode = keyof typeof ERRORS;

/**
 * An operational failure. `stage`, `retryable` and `exitCode` come from the table, never from the caller.
 * The message names the thing, what was found, what was expected, and what to do.
 */
export class OomscopeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OomscopeError';
    this.code = code;
  }

  get stage(): string {
    return ERRORS[this.code].stage;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }
}
