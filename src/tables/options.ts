/**
 * Every option: its name in a configuration file, the command-line flag and the environment variable that follow from
 * it, type, default, meaning. Loading, --help, docs/reference.md and the check of docker-compose.yml come from this table.
 */
import { defineOptions } from './option.ts';
import { KAFKA_OPTIONS } from './options-kafka.ts';
import { SIMULATE_OPTIONS } from './options-simulate.ts';

export { type Command, expectation, flagOf, type OptionDefinition, variableOf } from './option.ts';

const WORKER = ['worker'] as const;
const WORKER_AND_DOCTOR = ['worker', 'doctor'] as const;
const WITH_ELASTICSEARCH = [
  'worker',
  'setup',
  'query',
  'reanalyse',
  'prune',
  'dead-letters',
  'canary',
  'doctor',
] as const;

export const OPTIONS = defineOptions([
  ...KAFKA_OPTIONS,
  {
    name: 'records.format',
    type: 'enum',
    default: 'auto',
    values: ['auto', 'text', 'json', 'avro'],
    commands: ['worker', 'canary', 'doctor'],
    meaning: 'Shape of the records; auto looks at the first bytes of each.',
  },
  {
    name: 'records.avro.schema',
    type: 'string',
    commands: WORKER_AND_DOCTOR,
    meaning: 'File with the Avro schema of the records (needed for records.format avro).',
  },
  {
    name: 'records.max.bytes',
    type: 'integer',
    unit: 'bytes',
    default: 1_048_576,
    min: 1_024,
    max: 104_857_600,
    commands: WORKER_AND_DOCTOR,
    meaning: 'Longer records are not decoded.',
  },
  {
    name: 'records.kernel.only',
    type: 'boolean',
    default: false,
    commands: WORKER_AND_DOCTOR,
    meaning: "Every line of the topics is the kernel's, also where neither facility nor program say so.",
  },
  {
    name: 'records.trust.program',
    type: 'boolean',
    default: true,
    commands: WORKER_AND_DOCTOR,
    meaning:
      "Without a priority, take lines whose program is `kernel` for the kernel's. Any process can write such a line.",
  },
  {
    name: 'records.labels',
    type: 'list',
    default: [],
    commands: WORKER_AND_DOCTOR,
    meaning: 'Fields of the records to keep under oom.labels, label=field.path each (cluster=fields.cluster).',
  },
  {
    name: 'parser.idle',
    type: 'integer',
    unit: 'ms',
    default: 30_000,
    min: 100,
    max: 3_600_000,
    commands: WORKER,
    meaning: 'A report whose host was silent for so long is written early; it stays open.',
  },
  {
    name: 'parser.age',
    type: 'integer',
    unit: 'ms',
    default: 600_000,
    min: 1_000,
    max: 86_400_000,
    commands: WORKER,
    meaning: 'A report is closed at this age.',
  },
  {
    name: 'parser.max.lines',
    type: 'integer',
    unit: 'lines',
    default: 20_000,
    min: 100,
    max: 1_000_000,
    commands: WORKER,
    meaning: 'Most raw lines kept per report.',
  },
  {
    name: 'parser.max.bytes',
    type: 'integer',
    unit: 'bytes',
    default: 134_217_728,
    min: 1_048_576,
    max: 8_589_934_592,
    commands: WORKER,
    meaning:
      'Most bytes of all open reports; beyond it raw lines, then table rows, then the emptiest reports are shed.',
  },
  {
    name: 'elasticsearch.url',
    type: 'url',
    default: 'http://localhost:9200',
    commands: WITH_ELASTICSEARCH,
    meaning: 'Elasticsearch 8.19 or 9.x.',
  },
  {
    name: 'elasticsearch.username',
    type: 'string',
    commands: WITH_ELASTICSEARCH,
    meaning: 'User for basic authentication.',
  },
  {
    name: 'elasticsearch.password',
    type: 'string',
    secret: true,
    commands: WITH_ELASTICSEARCH,
    meaning: 'Password for basic authentication.',
  },
  {
    name: 'elasticsearch.api.key',
    type: 'string',
    secret: true,
    commands: WITH_ELASTICSEARCH,
    meaning: 'API key, base64 as Elasticsearch gives it; goes before user and password.',
  },
  {
    name: 'elasticsearch.ca',
    type: 'string',
    commands: WITH_ELASTICSEARCH,
    meaning: 'File with the CA certificates to trust (PEM).',
  },
  {
    name: 'elasticsearch.fingerprint',
    type: 'string',
    pattern: '^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$',
    commands: WITH_ELASTICSEARCH,
    meaning:
      'SHA-256 fingerprint of the CA certificate to trust, as Elasticsearch prints it at its first start; instead of elasticsearch.ca.',
  },
  {
    name: 'elasticsearch.timeout',
    type: 'integer',
    unit: 'ms',
    default: 30_000,
    min: 100,
    max: 600_000,
    commands: WITH_ELASTICSEARCH,
    meaning: 'Limit of one request.',
  },
  {
    name: 'kibana',
    type: 'url',
    commands: ['setup'],
    meaning:
      'Kibana 8.19 or 9.x, with its base path or space (https://kibana.example/s/ops): install data view, dashboards and rules there too, with the credentials of elasticsearch.*.',
  },
  {
    name: 'sink.batch.documents',
    type: 'integer',
    unit: 'documents',
    default: 500,
    min: 1,
    max: 10_000,
    commands: WORKER,
    meaning: 'Most documents of one bulk request.',
  },
  {
    name: 'sink.batch.bytes',
    type: 'integer',
    unit: 'bytes',
    default: 5_242_880,
    min: 1_024,
    max: 104_857_600,
    commands: WORKER,
    meaning: 'Most bytes of one bulk request.',
  },
  {
    name: 'sink.batch.age',
    type: 'integer',
    unit: 'ms',
    default: 500,
    min: 1,
    max: 60_000,
    commands: WORKER,
    meaning: 'A document waits at most so long for others.',
  },
  {
    name: 'sink.held.bytes',
    type: 'integer',
    unit: 'bytes',
    default: 33_554_432,
    min: 65_536,
    max: 8_589_934_592,
    commands: WORKER,
    meaning: 'Documents that wait beyond this pause the fetching; below half of it fetching goes on.',
  },
  {
    name: 'sink.retention',
    type: 'integer',
    unit: 'days',
    default: 400,
    min: 1,
    max: 36_500,
    commands: ['worker', 'dead-letters'],
    meaning: 'Reports older than this are counted as expired and not written.',
  },
  {
    name: 'sink.setup',
    type: 'boolean',
    default: false,
    commands: WORKER,
    meaning: 'Install the index template at start, as `oomscope setup` does.',
  },
  {
    name: 'dead.letters.topic',
    type: 'string',
    default: 'oomscope-dead-letters',
    commands: ['worker', 'dead-letters', 'doctor'],
    meaning: 'Kafka topic of what Elasticsearch refuses for good and of records with an opener that cannot be decoded.',
  },
  {
    name: 'http.listen',
    type: 'string',
    default: '127.0.0.1:9464',
    pattern: '^(off|[^:]*:\\d{1,5}|\\[[0-9a-fA-F:]+\\]:\\d{1,5})$',
    commands: WORKER,
    meaning: 'Address of /metrics, /health and /ready; off for none.',
  },
  {
    name: 'worker.drain',
    type: 'integer',
    unit: 'ms',
    default: 20_000,
    min: 0,
    max: 600_000,
    commands: WORKER,
    meaning: 'After SIGTERM, wait at most so long for documents in flight.',
  },
  {
    name: 'log.level',
    type: 'enum',
    default: 'info',
    values: ['debug', 'info', 'warn', 'error'],
    commands: WORKER,
    meaning: 'Least level that is logged.',
  },
  {
    name: 'demo.hosts',
    type: 'integer',
    unit: 'hosts',
    default: 200,
    min: 1,
    max: 100_000,
    commands: ['demo'],
    meaning: 'Hosts of the simulated fleet.',
  },
  {
    name: 'demo.seed',
    type: 'integer',
    unit: '',
    default: 1,
    min: 0,
    max: 2_147_483_647,
    commands: ['demo'],
    meaning: 'Seed of the simulated fleet: the same seed prints the same lines.',
  },
  {
    name: 'demo.store',
    type: 'string',
    default: 'oomscope-demo.sqlite',
    commands: ['demo'],
    meaning: 'SQLite file of the embedded run, written anew.',
  },
  {
    name: 'since',
    type: 'string',
    default: '7d',
    pattern: '^[1-9]\\d{0,4}[hd]$',
    commands: ['query'],
    meaning: 'Ask about the last so many hours (36h) or days (7d).',
  },
  {
    name: 'store',
    type: 'string',
    commands: ['query', 'dead-letters'],
    meaning: 'Use the SQLite file of an embedded run (and the dead letters beside it) instead of the servers.',
  },
  {
    name: 'older.than',
    type: 'string',
    pattern: '^[1-9]\\d{0,4}d$',
    commands: ['prune'],
    meaning: 'Delete months that ended so many days ago or earlier (400d).',
  },
  ...SIMULATE_OPTIONS,
]);

export type OptionName = (typeof OPTIONS)[number]['name'];

type ValueOf<Option> = Option extends { type: 'integer' }
  ? number
  : Option extends { type: 'boolean' }
    ? boolean
    : Option extends { type: 'list' }
      ? readonly string[]
      : Option extends { type: 'enum'; values: readonly (infer Value)[] }
        ? Value
        : Option extends { default: string }
          ? string
          : string | undefined;

/** Values by option name. A command loads its own options only; those of other commands are absent. */
export type OptionValues = { readonly [Option in (typeof OPTIONS)[number] as Option['name']]: ValueOf<Option> };
