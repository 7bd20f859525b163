/** Which topics to read: names, and patterns that are matched against the topics of the cluster. */
import { OomscopeError } from '../tables/errors.ts';
import { readPattern, type TopicPattern } from './topic-pattern.ts';

export interface TopicChoice {
  readonly names: readonly string[];
  readonly patterns: readonly TopicPattern[];
  /** Never matched by a pattern. */
  readonly excluded: ReadonlySet<string>;
}

/** What Kafka takes as the name of a topic. */
const NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** Reads the items of `kafka.topics`: names, and /patterns/ between slashes. Throws CONFIG_INVALID. */
export function readTopicChoice(items: readonly string[], excluded: readonly string[]): TopicChoice {
  const [names, patterns] = [new Set<string>(), new Map<string, TopicPattern>()];
  for (const item of items) {
    if (NAME.test(item)) names.add(item);
    else patterns.set(item, patternOf(item));
  }
  return { names: [...names], patterns: [...patterns.values()], excluded: new Set(excluded) };
}

function patternOf(item: string): TopicPattern {
  const shown = `kafka.topics: ${JSON.stringify(item)} is not allowed`;
  if (item.length < 2 || !item.startsWith('/') || !item.endsWith('/')) {
    throw new OomscopeError(
      'CONFIG_INVALID',
      `${shown}; expected the name of a topic (letters, digits, . _ -) or a pattern between slashes (/^syslog-/). ` +
        'A pattern with a comma can be given in a configuration file only.',
    );
  }
  try {
    return readPattern(item.slice(1, -1));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new OomscopeError('CONFIG_INVALID', `${shown}: ${found}.`, cause);
  }
}

/** The topics of the cluster that are chosen, sorted. Names that are not there are left out. */
export function chosenTopics(choice: TopicChoice, existing: Iterable<string>): string[] {
  return [...existing].filter((topic) => choice.names.includes(topic) || isMatched(choice, topic)).sort();
}

/** True where a pattern takes the topic: neither Kafka's own topics nor the dead letters. */
export function isMatched({ patterns, excluded }: TopicChoice, topic: string): boolean {
  if (topic.startsWith('__') || excluded.has(topic)) return false;
  return patterns.some((pattern) => pattern.matches(topic));
}
