/** Brokers, topics, the group and its commits, dead letters. */
import { type Check, counted, duration, type Finding, failure, listed, ok, warning } from './check.ts';
import type { Facts, PartitionFacts, TopicConfiguration, TopicFacts } from './facts.ts';

const BROKER_ADVICE: Readonly<Record<string, string>> = {
  name: 'Correct the name in kafka.brokers, or make it known to the name service of this machine.',
  refused: 'Nothing listens there: check host and port, and whether the broker runs.',
  timeout: 'Check the route and the firewalls between this machine and the broker.',
  tls: 'Check kafka.tls and kafka.tls.ca: the certificate must be signed by that CA, name the host and be in date; a plain listener speaks no TLS.',
  sasl: 'Check kafka.sasl.mechanism, kafka.sasl.username and kafka.sasl.password against the listener; one without SASL refuses all of them.',
  closed:
    'The broker hangs up, as a listener does that expects TLS (kafka.tls) or SASL (kafka.sasl.mechanism), or one that does not.',
};

const ADVERTISED_ADVICE =
  'The cluster sends its clients there (advertised.listeners of the broker): make the address reachable from here, or let the broker advertise another.';

const brokers: Check = {
  name: 'brokers',
  area: 'kafka',
  title: 'brokers reachable',
  looksAt: 'a connection with TLS and SASL to each of kafka.brokers, and to each broker that the cluster names',
  warns: 'one of several does not answer',
  fails: 'none answers, or one that the cluster names does not',
  code: 'KAFKA_UNREACHABLE',
  judge: ({ kafka }) => {
    const anyAnswers = kafka.brokers.some(({ trouble, advertised }) => trouble === undefined && !advertised);
    return kafka.brokers.map(({ address, advertised, trouble }) => {
      if (trouble === undefined) return ok(advertised ? 'answers; the cluster names it' : 'answers', address);
      const advice = BROKER_ADVICE[trouble.kind] ?? 'See the message.';
      if (advertised) return failure(trouble.message, `${ADVERTISED_ADVICE} ${advice}`, address);
      return (anyAnswers ? warning : failure)(trouble.message, advice, address);
    });
  },
};

const topics: Check = {
  name: 'topics',
  area: 'kafka',
  title: 'topics exist',
  looksAt: 'kafka.topics against the topics of the cluster',
  fails: 'a topic is missing or may not be described, or a pattern matches none',
  code: 'KAFKA_TOPIC_MISSING',
  judge: ({ kafka }) => {
    if (kafka.missingTopics === undefined) return [];
    const advice =
      'Create it, correct kafka.topics, or give the user the right to describe it. Topic names know upper and lower case.';
    return [
      ...kafka.topics.map(({ name, partitions }) => ok(counted(partitions.length, 'partition'), name)),
      ...kafka.missingTopics.map((entry) =>
        failure(
          isPattern(entry) ? 'no topic matches' : 'there is no such topic, or it may not be described',
          advice,
          entry,
        ),
      ),
    ];
  },
};

const isPattern = (entry: string): boolean => entry.length > 1 && entry.startsWith('/') && entry.endsWith('/');

const topicRead: Check = {
  name: 'topic-read',
  area: 'kafka',
  title: 'topics can be read',
  looksAt: 'a fetch from each partition that holds records',
  fails: 'a fetch is refused or fails',
  code: 'KAFKA_CRASHED',
  judge: ({ kafka }) =>
    kafka.topics.flatMap(({ name, trouble, sample }) => {
      if (trouble !== undefined) {
        return failure(trouble.message, 'Give the user the right to read the topic; see the message.', name);
      }
      if (sample === undefined) return [];
      const left = sample.unreadPartitions.length;
      const rest = left === 0 ? '' : `; the limits of the sample left ${counted(left, 'partition')} unread`;
      return ok(`${counted(sample.records, 'record')} read from the ends of the partitions${rest}`, name);
    }),
};

const group: Check = {
  name: 'group',
  area: 'kafka',
  title: 'workers of the group',
  looksAt: 'state and members of kafka.group',
  warns: 'no worker runs, the group is being shared out anew, or there are more workers than partitions',
  fails: 'the group may not be described',
  code: 'KAFKA_CRASHED',
  judge: ({ kafka, settings }) => {
    const found = kafka.group;
    const subject = settings.group;
    if (found === undefined) return [];
    if ('trouble' in found) {
      const advice = 'Give the user the rights to read and describe the group of kafka.group.';
      return [failure(found.trouble.message, advice, subject)];
    }
    const partitions = kafka.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    if (found.members === 0) {
      return [warning('no worker is in the group', 'Start `oomscope worker`, or correct kafka.group.', subject)];
    }
    const members = counted(found.members, 'worker');
    if (found.state !== 'Stable') {
      const advice = 'Ask again in a minute. A group that stays so loses workers again and again: look at their logs.';
      return [warning(`${members}; the group is in state ${found.state}`, advice, subject)];
    }
    if (partitions > 0 && found.members > partitions) {
      const advice = 'A partition has one worker at a time: those beyond are spare.';
      return [warning(`${members} for ${counted(partitions, 'partition')}`, advice, subject)];
    }
    return [ok(`${members} for ${counted(partitions, 'partition')}`, subject)];
  },
};

const holdsRecords = ({ firstOffset, endOffset }: PartitionFacts): boolean => endOffset > firstOffset;

const commits: Check = {
  name: 'commits',
  area: 'kafka',
  title: 'commits and lag',
  looksAt: 'the offsets that the group has committed against those of the partitions',
  warns: 'nothing is committed, partitions were added since, or a commit lies beyond the end (the topic was made anew)',
  fails: 'records were deleted before the group had read them',
  code: 'CONFIG_INVALID',
  judge: ({ kafka }) => {
    if (kafka.group === undefined || 'trouble' in kafka.group) return [];
    return kafka.topics.flatMap(commitsOf);
  },
};

function commitsOf({ name, partitions }: TopicFacts): Finding[] {
  const filled = partitions.filter(holdsRecords);
  const committed = partitions.flatMap((place) =>
    place.committed === undefined ? [] : [{ ...place, committed: place.committed }],
  );
  if (committed.length === 0) {
    if (filled.length === 0) return [];
    const advice = 'A worker commits within seconds: start one, or look at its log and /ready.';
    return [warning('the group has committed nothing yet', advice, name)];
  }
  const lost = committed.filter(({ committed, firstOffset }) => committed < firstOffset);
  const beyond = committed.filter(({ committed, endOffset }) => committed > endOffset);
  const fresh = filled.filter(({ committed }) => committed === undefined);
  const findings: Finding[] = [];
  if (lost.length > 0) {
    const records = lost.reduce((sum, { committed, firstOffset }) => sum + firstOffset - committed, 0);
    const found = `${counted(records, 'record')} on ${placesOf(lost)} were deleted before the group had read them`;
    const advice =
      'They are gone; workers go on at the oldest record. Let retention.ms be longer than the longest time without workers or Elasticsearch.';
    findings.push(failure(found, advice, name));
  }
  if (beyond.length > 0) {
    const found = `the commit lies beyond the end on ${placesOf(beyond)}`;
    const advice = 'The topic was made anew; workers start at its oldest record.';
    findings.push(warning(found, advice, name));
  }
  if (fresh.length > 0) {
    const found = `${placesOf(fresh)} of ${partitions.length} hold records and no commit`;
    const advice =
      'Partitions were added, or a worker is only beginning: with more partitions a key hashes elsewhere, and a report that was under way is split once.';
    findings.push(warning(found, advice, name));
  }
  if (findings.length > 0) return findings;
  const lag = committed.reduce((sum, { committed, endOffset }) => sum + endOffset - committed, 0);
  return [ok(`${counted(lag, 'record')} behind`, name)];
}

const placesOf = (places: readonly PartitionFacts[]): string =>
  `partition${places.length === 1 ? '' : 's'} ${listed(places.map(({ partition }) => String(partition)))}`;

/** The broker's own default. */
const DEFAULT_MAX_BYTES = 1_048_588;

const maxBytesOf = (configuration: TopicConfiguration | undefined): number | undefined => {
  const value = Number(configuration?.['max.message.bytes']);
  return Number.isFinite(value) ? value : undefined;
};

/** A letter holds its record in base64 and is sent with gzip, which undoes what base64 adds. */
const neededBytes = ({ kafka }: Facts): number =>
  Math.max(DEFAULT_MAX_BYTES, ...kafka.topics.map(({ configuration }) => maxBytesOf(configuration) ?? 0));

const deadLetters: Check = {
  name: 'dead-letters',
  area: 'kafka',
  title: 'dead-letter topic',
  looksAt: 'existence, max.message.bytes and retention.ms of dead.letters.topic',
  warns: 'it takes smaller messages than the topics, or keeps letters for less than a day',
  fails: 'it does not exist: the first letter stops the worker',
  code: 'DEAD_LETTER_FAILED',
  judge: (facts) => {
    const found = facts.kafka.deadLetters;
    const subject = facts.settings.deadLettersTopic;
    if (found === undefined) return [];
    if (!found.exists) {
      const advice = 'Create it, or name another in dead.letters.topic. The first letter would stop the worker.';
      return [failure('there is no such topic, or it may not be described', advice, subject)];
    }
    const findings: Finding[] = [];
    const maxBytes = maxBytesOf(found.configuration);
    const needed = neededBytes(facts);
    if (maxBytes !== undefined && maxBytes < needed) {
      const what = `max.message.bytes is ${maxBytes}; letters may need ${needed}, what the topics take`;
      findings.push(warning(what, `Set its max.message.bytes to ${needed}.`, subject));
    }
    const retentionMs = retentionOf(found.configuration);
    if (retentionMs !== undefined && retentionMs < DAY_MS) {
      const what = `letters are kept for ${duration(retentionMs)}`;
      findings.push(warning(what, 'Set its retention.ms so that somebody can look at them before.', subject));
    }
    return findings.length > 0 ? findings : [ok('exists', subject)];
  },
};

const DAY_MS = 86_400_000;

const isCompacted = (configuration: TopicConfiguration | undefined): boolean =>
  configuration?.['cleanup.policy']?.includes('compact') ?? false;

/** Undefined where it is not known or without limit (-1). */
function retentionOf(configuration: TopicConfiguration | undefined): number | undefined {
  const value = Number(configuration?.['retention.ms'] ?? -1);
  return value >= 0 ? value : undefined;
}

const compaction: Check = {
  name: 'compaction',
  area: 'kafka',
  title: 'lines are kept',
  looksAt: 'cleanup.policy and retention.ms of the topics',
  warns: 'lines are kept for less than a day',
  fails: 'the topic is compacted: of a host, the key, only the last line would stay',
  code: 'CONFIG_INVALID',
  judge: ({ kafka }) =>
    kafka.topics.flatMap(({ name, configuration }) => {
      if (configuration === undefined) return [];
      if (isCompacted(configuration)) {
        const advice = 'Set cleanup.policy to delete: compaction keeps the last line of each key and eats the others.';
        return failure(`cleanup.policy is ${configuration['cleanup.policy']}`, advice, name);
      }
      const retentionMs = retentionOf(configuration);
      if (retentionMs === undefined) return ok('kept without limit of time', name);
      if (retentionMs >= DAY_MS) return ok(`kept for ${duration(retentionMs)}`, name);
      const advice =
        'Set retention.ms longer than the longest time without workers or Elasticsearch, a day at the least.';
      return warning(`kept for ${duration(retentionMs)}`, advice, name);
    }),
};

/** In the order in which they are looked at. */
export const KAFKA_CHECKS: readonly Check[] = [brokers, topics, compaction, deadLetters, group, commits, topicRead];
