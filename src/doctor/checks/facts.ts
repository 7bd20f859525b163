/** What `oomscope doctor` has found out, before anyone judges it. Plain data; absent means that it could not be asked. */
import type { UndecodableReason } from '../../ports.ts';
import type { ErrorCode } from '../../tables/errors.ts';

export interface Facts {
  /** This machine's clock. */
  readonly nowMs: number;
  readonly settings: Settings;
  readonly kafka: KafkaFacts;
  readonly elasticsearch: ElasticsearchFacts;
}

/** Options that a verdict depends on or names. */
export interface Settings {
  readonly topics: readonly string[];
  readonly group: string;
  readonly deadLettersTopic: string;
  readonly recordMaxBytes: number;
  readonly kernelOnly: boolean;
  readonly trustProgram: boolean;
}

/** What kept a question from being answered; `kind` is one of `KAFKA_TROUBLES` in clients/. */
export interface Trouble {
  readonly kind: string;
  readonly message: string;
}

export interface BrokerFacts {
  /** host:port. */
  readonly address: string;
  /** Named by the cluster itself, not by kafka.brokers. */
  readonly advertised: boolean;
  readonly trouble?: Trouble;
}

export interface KafkaFacts {
  readonly brokers: readonly BrokerFacts[];
  /** Entries of kafka.topics that name no topic or match none. */
  readonly missingTopics?: readonly string[];
  readonly topics: readonly TopicFacts[];
  readonly group?: GroupFacts | { readonly trouble: Trouble };
  readonly deadLetters?: DeadLetterFacts;
}

export interface DeadLetterFacts {
  readonly exists: boolean;
  readonly configuration?: TopicConfiguration;
}

export interface GroupFacts {
  /** As the broker says it: Stable, Empty, Dead, PreparingRebalance, CompletingRebalance. */
  readonly state: string;
  readonly members: number;
}

/** Settings of a topic by their names at the broker; absent where they may not be read. */
export type TopicConfiguration = Readonly<Record<string, string>>;

export interface TopicFacts {
  readonly name: string;
  readonly configuration?: TopicConfiguration;
  readonly partitions: readonly PartitionFacts[];
  readonly sample?: SampleFacts;
  /** What ended the reading of the sample. */
  readonly trouble?: Trouble;
}

export interface PartitionFacts {
  readonly partition: number;
  readonly firstOffset: number;
  readonly endOffset: number;
  /** What the worker's group has committed; absent where nothing. */
  readonly committed?: number;
}

/** A place in a topic with what was found there. */
export interface Example {
  readonly partition: number;
  readonly offset: number;
  readonly text: string;
}

export interface Counted {
  readonly count: number;
  readonly example: Example;
}

/** What the last records of each partition look like. Counts are records unless said otherwise. */
export interface SampleFacts {
  readonly records: number;
  readonly bytes: number;
  /** Partitions that hold records and that the limits of the sample left unread. */
  readonly unreadPartitions: readonly number[];
  /** Newest stamp of Kafka. */
  readonly newestAtMs?: number;
  readonly withoutKey: number;
  readonly largestBytes: number;
  /** Larger than 80 % of records.max.bytes. */
  readonly nearLimit: number;
  /** By name of the record shape. */
  readonly shapes: Readonly<Record<string, number>>;
  readonly undecodable: Readonly<Partial<Record<UndecodableReason, Counted>>>;
  /** Lines by why they count as the kernel's. */
  readonly kernelLines: Readonly<Record<string, number>>;
  readonly foreignLines: number;
  /** Lines with an opener that do not count as the kernel's. */
  readonly spoofs?: Counted;
  /** Of the kernel's lines: those without a stamp since boot, and those whose time is Kafka's or of a guessed year. */
  readonly withoutBootStamp: number;
  readonly timedByBroker: number;
  readonly yearless: number;
  readonly withoutHost: number;
  /** Record batches by codec. */
  readonly codecs: Readonly<Record<string, number>>;
  /** A codec or a damage for which a record batch could not be opened. */
  readonly unopened?: Counted;
  readonly inTransactions: number;
  readonly hosts: readonly HostFacts[];
  /** True when there were more hosts than are kept. */
  readonly moreHosts: boolean;
}

export interface HostFacts {
  readonly host: string;
  readonly partitions: readonly number[];
  readonly lines: number;
  /** Kernel lines with and without a stamp since boot. */
  readonly stamped: number;
  readonly unstamped: number;
  /** Lines whose stamp lies more than seconds before that of a line further ahead in the partition. */
  readonly inversions: number;
  /** The farthest step backwards, ms. */
  readonly worstStepMs: number;
  /** The host's stamp less Kafka's, of the line where they were closest, ms: lines that come late do not count. */
  readonly clockOffsetMs?: number;
}

export interface ElasticsearchFacts {
  /** Without credentials. */
  readonly address: string;
  readonly failure?: { readonly reason: 'timeout' | 'unreachable'; readonly message: string };
  /** Status of the first answer, and the error in it. */
  readonly status?: number;
  readonly error?: string;
  readonly version?: string;
  /** Those that the worker needs, and those that only questions need. */
  readonly missingPrivileges?: { readonly worker: readonly string[]; readonly others: readonly string[] };
  readonly templates?: readonly TemplateFacts[];
  /** Why the templates could not be read, or cannot be installed: one line for each template or index. */
  readonly templateError?: { readonly code: ErrorCode; readonly message: string };
  /** Templates that match indices of ours and go before our own. */
  readonly rivals?: readonly { readonly name: string; readonly priority: number }[];
  readonly indices?: readonly IndexFacts[];
  readonly health?: 'green' | 'yellow' | 'red';
  readonly disks?: readonly { readonly node: string; readonly usedPercent: number; readonly freeBytes: number }[];
  /** `@timestamp` of the newest report; null when there is no report. */
  readonly newestReportAtMs?: number | null;
}

export interface TemplateFacts {
  readonly name: string;
  /** What is looked at: a template, or of an index its `mapping`, `aliases` or `limit` of fields. */
  readonly kind: string;
  /** What an installation would do to it. */
  readonly change: 'created' | 'updated' | 'unchanged';
}

export interface IndexFacts {
  readonly name: string;
  readonly health?: string;
  readonly closed: boolean;
  /** Settings below index.blocks that are true. */
  readonly blocks: readonly string[];
}
