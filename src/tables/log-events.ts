/** Every event of the worker's log: name, level, meaning. */

export interface LogEventDefinition {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly meaning: string;
}

const define = <Name extends string>(
  table: Record<Name, LogEventDefinition>,
): Readonly<Record<Name, LogEventDefinition>> => table;

export const LOG_EVENTS = define({
  'worker-started': { level: 'info', meaning: 'The worker runs; brokers, topics, group and target are named.' },
  'worker-stopping': { level: 'info', meaning: 'A signal or an error asks the worker to stop; it drains.' },
  'worker-stopped': { level: 'info', meaning: 'The worker has stopped; its exit code is named.' },
  'partitions-assigned': { level: 'info', meaning: 'The group gave this worker a new assignment; all state is reset.' },
  'partitions-paused': { level: 'warn', meaning: 'Too much waits for the sink: fetching is paused.' },
  'partitions-resumed': { level: 'info', meaning: 'The sink has caught up: fetching goes on.' },
  'offset-reset': {
    level: 'warn',
    meaning: 'A committed offset is out of range; the partition starts at its beginning.',
  },
  'start-committed': {
    level: 'info',
    meaning:
      'Partitions without a commit were given one: by the option start, or at their beginning where they were added.',
  },
  'topics-added': {
    level: 'info',
    meaning: 'Topics have come that a pattern of kafka.topics matches; they are read too.',
  },
  'partitions-added': {
    level: 'warn',
    meaning:
      'A topic got partitions, from and to so many. Keys move between partitions, so a report in flight at this time may be split in two.',
  },
  'commit-failed': { level: 'warn', meaning: 'An offset commit was refused; it is tried again at the next interval.' },
  'kafka-retry': { level: 'warn', meaning: 'No broker answers or the client failed; it is tried again.' },
  'kafka-crashed': { level: 'error', meaning: 'The Kafka client will not restart by itself; the worker exits.' },
  'kafka-client': { level: 'debug', meaning: 'A message of the Kafka client itself.' },
  'report-emitted': { level: 'info', meaning: 'A report was read: host, victim, verdict.' },
  'report-truncated': { level: 'warn', meaning: 'A limit cut a report.' },
  'record-undecodable': { level: 'warn', meaning: 'A record that holds an opener could not be decoded.' },
  'sink-retry': { level: 'warn', meaning: 'A write is tried again after a pause; the reason is named.' },
  'sink-recovered': { level: 'info', meaning: 'Writes go through again.' },
  'dead-letter': { level: 'error', meaning: 'A document went to the dead letters; the reason is named.' },
  'dead-letter-cut': {
    level: 'warn',
    meaning: 'A dead letter was too large for its topic; it went without the document or the bytes.',
  },
  'http-listening': { level: 'info', meaning: 'Metrics and health are served at this address.' },
});

export type LogEventName = keyof typeof LOG_EVENTS;
