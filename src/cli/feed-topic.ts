/** The topic to produce to. */
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';

/** What a topic may be called; anything else in kafka.topics is a pattern. */
const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** The option topic, else the one topic of kafka.topics. Throws CONFIG_INVALID when that does not name exactly one. */
export function feedTopicOf(options: OptionValues): string {
  const topic = options['topic'];
  if (topic !== undefined) return topic;
  const [only, ...more] = options['kafka.topics'];
  if (only !== undefined && more.length === 0 && TOPIC_NAME.test(only)) return only;
  throw new OomscopeError(
    'CONFIG_INVALID',
    `topic is not given, and kafka.topics (${options['kafka.topics'].join(', ')}) does not name exactly one; name the topic to produce to with --topic.`,
  );
}
