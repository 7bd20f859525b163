/** Asks the brokers what the checks need to know. Joins no group, commits nothing, makes nothing. */
import { type KafkaAdmin as Admin, createKafka, type KafkaClientOptions } from '../clients/kafka.ts';
import { openTopicReader, type PartitionSpan, type TopicReader } from '../clients/kafka-read.ts';
import { kafkaTroubleOf } from '../clients/kafka-trouble.ts';
import type { Decoder } from '../consumer/decode/index.ts';
import type { Clock, Logger } from '../ports.ts';
import type { BrokerFacts, GroupFacts, KafkaFacts, TopicConfiguration, TopicFacts, Trouble } from './checks/index.ts';
import { sampleTopic } from './sample.ts';

export interface KafkaQuestions {
  readonly client: KafkaClientOptions;
  /** Those of the cluster's topics that are to be read, and the entries of kafka.topics that name none. */
  readonly choose: (existing: readonly string[]) => {
    readonly topics: readonly string[];
    readonly missing: readonly string[];
  };
  readonly group: string;
  readonly deadLettersTopic: string;
  /** As the worker decodes, and the same with every line taken for the kernel's. */
  readonly decoder: Decoder;
  readonly anySpeaker: Decoder;
  readonly recordMaxBytes: number;
}

/** One question. Longer than kafkajs needs to connect (5 s) and to be answered on a slow line. */
const QUESTION_LIMIT_MS = 15_000;

/** All of the reading. */
const SAMPLE_LIMIT_MS = 20_000;

const RETRIES = 2;

const silent: Logger = { event: () => {} };

/** Never rejects: what could not be asked is missing, or says why. */
export async function askKafka(questions: KafkaQuestions, clock: Clock): Promise<KafkaFacts> {
  const { client, group, deadLettersTopic } = questions;
  const seeds = await Promise.all(client.brokers.map((address) => probe(client, address, false, clock)));
  const answering = seeds.filter(({ trouble }) => trouble === undefined).map(({ address }) => address);
  if (answering.length === 0) return { brokers: seeds, topics: [] };

  const reachable = { ...client, brokers: answering };
  const admin = createKafka(reachable, silent, RETRIES).admin();
  const asked = <T>(question: Promise<T>) => within(question, clock);
  try {
    await asked(admin.connect());
    const { brokers: named } = await asked(admin.describeCluster());
    const addresses = named.map(({ host, port }) => `${host}:${port}`);
    const others = addresses.filter((address) => !client.brokers.includes(address));
    const advertised = await Promise.all(others.map((address) => probe(client, address, true, clock)));
    const brokers = [...seeds, ...advertised];
    // Whatever is asked goes there. Without any it would only take long to fail.
    if (!brokers.some(({ address, trouble }) => trouble === undefined && addresses.includes(address))) {
      return { brokers, topics: [] };
    }
    const existing = await asked(admin.listTopics());
    const { topics: chosen, missing } = questions.choose(existing);
    const topics = await describeTopics(admin, reachable, chosen, questions, clock);
    const exists = existing.includes(deadLettersTopic);
    const configuration = exists ? await configurationOf(admin, deadLettersTopic, clock) : undefined;
    return {
      brokers,
      topics,
      missingTopics: missing,
      group: await groupOf(admin, group, clock),
      deadLetters: { exists, ...(configuration && { configuration }) },
    };
  } catch (error) {
    const trouble = troubleOf(error);
    const { broker } = kafkaTroubleOf(error);
    if (broker !== undefined && !client.brokers.includes(broker)) {
      // Whatever is asked goes to where the cluster sends its clients.
      return { brokers: [...seeds, { address: broker, advertised: true, trouble }], topics: [] };
    }
    // The brokers answer and yet do not tell: rights, or a broker that died meanwhile.
    const brokers = seeds.map((seed) => (seed.trouble === undefined ? { ...seed, trouble } : seed));
    return { brokers, topics: [] };
  } finally {
    await within(admin.disconnect(), clock).catch(() => {});
  }
}

/** Connects, and that is all: with TLS and SASL the broker has then let the user in. */
async function probe(
  client: KafkaClientOptions,
  address: string,
  advertised: boolean,
  clock: Clock,
): Promise<BrokerFacts> {
  const admin = createKafka({ ...client, brokers: [address] }, silent, 0).admin();
  try {
    await within(admin.connect(), clock);
    return { address, advertised };
  } catch (error) {
    return { address, advertised, trouble: troubleOf(error) };
  } finally {
    await within(admin.disconnect(), clock).catch(() => {});
  }
}

async function describeTopics(
  admin: Admin,
  client: KafkaClientOptions,
  names: readonly string[],
  questions: KafkaQuestions,
  clock: Clock,
): Promise<TopicFacts[]> {
  if (names.length === 0) return [];
  const reader = await within(openTopicReader(client, silent, RETRIES), clock);
  const endsAtMs = clock.elapsedMs() + SAMPLE_LIMIT_MS;
  try {
    const topics: TopicFacts[] = [];
    for (const name of names) {
      const share = (endsAtMs - clock.elapsedMs()) / (names.length - topics.length);
      topics.push(await describeTopic({ admin, reader, clock }, name, questions, clock.elapsedMs() + share));
    }
    return topics;
  } finally {
    await within(reader.close(), clock).catch(() => {});
  }
}

interface Connections {
  readonly admin: Admin;
  readonly reader: TopicReader;
  readonly clock: Clock;
}

async function describeTopic(
  { admin, reader, clock }: Connections,
  name: string,
  questions: KafkaQuestions,
  endsAtMs: number,
): Promise<TopicFacts> {
  const configuration = await configurationOf(admin, name, clock);
  const known = { name, ...(configuration && { configuration }) };
  let spans: readonly PartitionSpan[];
  try {
    spans = await within(reader.spans(name), clock);
  } catch (error) {
    return { ...known, partitions: [], trouble: troubleOf(error) };
  }
  const committed = await committedOf(admin, questions.group, name, clock);
  const partitions = spans.map((span) => {
    const offset = committed.get(span.partition);
    return { ...span, ...(offset === undefined ? {} : { committed: offset }) };
  });
  return { ...known, partitions, ...(await sampleTopic({ reader, ...questions }, name, spans, clock, endsAtMs)) };
}

/** Type of resource in a question for a configuration. */
const TOPIC_RESOURCE = 2;

const CONFIGURATION = ['cleanup.policy', 'retention.ms', 'max.message.bytes', 'message.timestamp.type'];

/** Undefined where the user may not ask (DescribeConfigs): the worker does without. */
async function configurationOf(admin: Admin, name: string, clock: Clock): Promise<TopicConfiguration | undefined> {
  const resources = [{ type: TOPIC_RESOURCE, name, configNames: CONFIGURATION }];
  try {
    const found = await within(admin.describeConfigs({ resources, includeSynonyms: false }), clock);
    const entries = found.resources.flatMap(({ configEntries }) => configEntries);
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch {
    return undefined;
  }
}

/** What the group has committed, by partition. Empty where it may not be asked: the description of the group says so. */
async function committedOf(admin: Admin, groupId: string, topic: string, clock: Clock): Promise<Map<number, number>> {
  const found = await within(admin.fetchOffsets({ groupId, topics: [topic] }), clock).catch(() => []);
  const places = found.flatMap(({ partitions }) => partitions);
  return new Map(places.flatMap(({ partition, offset }) => (Number(offset) < 0 ? [] : [[partition, Number(offset)]])));
}

async function groupOf(admin: Admin, name: string, clock: Clock): Promise<GroupFacts | { readonly trouble: Trouble }> {
  try {
    const { groups } = await within(admin.describeGroups([name]), clock);
    const [found] = groups;
    return { state: found?.state ?? 'Dead', members: found?.members.length ?? 0 };
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}

function troubleOf(error: unknown): Trouble {
  const { trouble, message } = kafkaTroubleOf(error);
  return { kind: trouble, message };
}

/** What the promise comes to, or a rejection after the limit. */
async function within<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  // Whatever it comes to after the limit is nobody's any more.
  promise.catch(() => {});
  const late = clock.sleep(QUESTION_LIMIT_MS, promise).then((): never => {
    throw new Error(`no answer: timeout after ${QUESTION_LIMIT_MS / 1_000} s`);
  });
  late.catch(() => {});
  return Promise.race([promise, late]);
}
