/** What the values of a worker's options say together: combinations that no check of a single value sees. */
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';

/** What is wrong, or undefined. */
type Rule = (options: OptionValues) => string | undefined;

/** `[::1]:9092`, `broker1.example:9092` */
const BROKER = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/;

const isPort = (text: string | undefined): boolean => text !== undefined && Number(text) <= 65_535;

const RULES: readonly Rule[] = [
  (options) => {
    const wrong = options['kafka.brokers'].find((broker) => !isPort(BROKER.exec(broker)?.[1]));
    return wrong && `kafka.brokers: ${JSON.stringify(wrong)} is no broker; expected host:port.`;
  },
  (options) =>
    /^[A-Za-z0-9._-]{1,249}$/.test(options['dead.letters.topic'])
      ? undefined
      : `dead.letters.topic: ${JSON.stringify(options['dead.letters.topic'])} can be no topic; expected at most 249 letters, digits, dots, dashes and underscores.`,
  (options) =>
    options['kafka.topics'].includes(options['dead.letters.topic'])
      ? `dead.letters.topic ${options['dead.letters.topic']} is one of kafka.topics: the worker would read its own letters. Name another.`
      : undefined,
  (options) => atMost(options, 'kafka.max.bytes.partition', 'kafka.max.bytes', 'one partition cannot fill it'),
  (options) => atMost(options, 'sink.batch.bytes', 'sink.held.bytes', 'a batch would never fill'),
  (options) =>
    options['parser.idle'] < options['parser.age']
      ? undefined
      : `parser.idle ${options['parser.idle']} is not below parser.age ${options['parser.age']}: every report would be closed before it is written early.`,
  (options) =>
    options['kafka.sasl.mechanism'] === 'none' && options['kafka.sasl.username'] !== undefined
      ? 'kafka.sasl.username is given, but kafka.sasl.mechanism is none: nobody would be logged in.'
      : undefined,
  (options) =>
    options['elasticsearch.username'] !== undefined &&
    options['elasticsearch.password'] === undefined &&
    options['elasticsearch.api.key'] === undefined
      ? 'elasticsearch.username is given without elasticsearch.password.'
      : undefined,
  (options) =>
    options['elasticsearch.ca'] !== undefined && options['elasticsearch.url'].startsWith('http:')
      ? `elasticsearch.ca is given, but elasticsearch.url is not https: nothing would be encrypted.`
      : undefined,
  (options) => {
    const port = /:(\d+)$/.exec(options['http.listen'])?.[1];
    return port === undefined || isPort(port) ? undefined : `http.listen: there is no port ${port}.`;
  },
];

function atMost(
  options: OptionValues,
  name: 'kafka.max.bytes.partition' | 'sink.batch.bytes',
  limit: 'kafka.max.bytes' | 'sink.held.bytes',
  why: string,
): string | undefined {
  if (options[name] <= options[limit]) return undefined;
  return `${name} ${options[name]} is more than ${limit} ${options[limit]}: ${why}.`;
}

/** Throws CONFIG_INVALID, which names every contradiction, when values of the worker's options exclude one another. */
export function checkTogether(options: OptionValues): void {
  const problems = RULES.flatMap((rule) => rule(options) ?? []);
  if (problems.length > 0) throw new OomscopeError('CONFIG_INVALID', problems.join('\n'));
}
