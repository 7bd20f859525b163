/** Exit codes: those of the errors table, with what they have in common. */
import { ERRORS } from '../tables/errors.ts';

export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'the input holds no OOM report, or a dead letter that was named is not there or stays',
  2: 'wrong usage: an option or a value that is not allowed; for doctor also a topic or records that will not do',
  3: 'a file is not there or cannot be read',
  4: 'Kafka, Elasticsearch or Kibana cannot be reached',
  5: 'the Kafka client stopped and will not restart by itself',
  6: 'Elasticsearch refuses the credentials, the template or the dead letters, or Kibana its assets',
  7: 'the embedded store failed',
  8: 'documents were still in flight when the drain limit ended; they are read again',
  9: 'the report of the canary was not found in time',
  70: 'a defect of oomscope; its stack is printed',
};

/** The table for --help. */
export const exitCodeHelp = (): string =>
  ['', 'Exit codes:', ...Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code.padEnd(3)} ${meaning}`)].join(
    '\n',
  );

/** Codes that errors end with, for the check that the table above has them all. */
export const ERROR_EXIT_CODES: readonly number[] = Object.values(ERRORS).map(({ exitCode }) => exitCode);
