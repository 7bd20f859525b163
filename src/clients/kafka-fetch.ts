/**
 * Taking fetch responses from kafkajs before it decodes them.
 *
 * kafkajs makes several objects for every record, which is most of what reading costs, tells nobody that a partition
 * returned nothing, and after a rejoin may hand over what was fetched before it. So each broker's `fetch` is given a
 * response decoder of our own, which leaves the record batches as bytes; kafkajs sees one stand-in message per
 * record batch and goes on to keep positions, pauses and transactions. Written for kafkajs 2.2.4, which is pinned.
 */
import { type RecordBlock, readBlocks } from './record-batch.ts';

/** A record batch with what was asked for. */
export interface FetchedBlock extends RecordBlock {
  readonly topic: string;
  readonly partition: number;
  /** Records before it were not asked for: a compressed batch comes whole. */
  readonly fromOffset: number;
  /** What `FetchWatch.epoch` was when the request was sent. */
  readonly epoch: number;
}

export interface FetchWatch {
  readonly epoch: () => number;
  /** A request for these partitions was answered; `isAtEnd` where a partition returned nothing and has no more. */
  readonly completed: (epoch: number, partitions: readonly FetchedPartition[]) => void;
  readonly failed: (error: unknown) => void;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** What was asked for. */
  readonly fromOffset: number;
  /** Offset of the next record to be written, control marks included. */
  readonly endOffset: number;
  readonly isAtEnd: boolean;
}

/** The stand-in of one record batch among kafkajs's messages. */
interface StandIn {
  readonly offset: string;
  /** kafkajs passes over such a message; so are aborted batches marked. */
  readonly isControlRecord: boolean;
  readonly block: FetchedBlock;
}

interface FetchRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

interface ProtocolRequest {
  readonly request: { readonly apiVersion: number };
  readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown> };
}

interface Broker {
  fetch(request: FetchRequest): Promise<FetchResponse>;
  lookupRequest(apiKey: number, definition: unknown): (request: unknown) => ProtocolRequest;
}

/** The part of kafkajs's cluster that is used; it is handed to partition assigners. */
export interface ClusterOfBrokers {
  findBroker(node: { nodeId: string }): Promise<object>;
}

interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly preferredReadReplica: number;
  readonly messages: readonly StandIn[];
}

interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly PartitionResponse[] }[];
}

/** The record batches of what kafkajs hands to eachBatch. */
export const blocksOf = (messages: readonly object[]): FetchedBlock[] =>
  messages.flatMap((message) => ('block' in message ? [(message as StandIn).block] : []));

/** Gives every broker of the cluster the response decoder above, and tells `watch` of each fetch. */
export const takeFetches = (cluster: ClusterOfBrokers, watch: FetchWatch): void =>
  takeBrokers(cluster, (broker) => takeBroker(broker as Broker, watch));

/** Calls `take` once for every broker that the cluster is going to use. */
export function takeBrokers(cluster: ClusterOfBrokers, take: (broker: object) => void): void {
  const findBroker = cluster.findBroker.bind(cluster);
  const taken = new WeakSet<object>();
  cluster.findBroker = async (node) => {
    const broker = await findBroker(node);
    if (!taken.has(broker)) {
      taken.add(broker);
      take(broker);
    }
    return broker;
  };
}

function takeBroker(broker: Broker, watch: FetchWatch): void {
  const { fetch } = broker;
  broker.fetch = async (request) => {
    const epoch = watch.epoch();
    const fromOffsets = new Map(
      request.topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, fetchOffset }) => [`${topic}/${partition}`, Number(fetchOffset)] as const),
      ),
    );
    const view: Broker = Object.create(broker, {
      lookupRequest: {
        value: (apiKey: number, definition: unknown) => {
          const build = broker.lookupRequest(apiKey, definition);
          return (parameters: unknown): ProtocolRequest => {
            const protocol = build(parameters);
            const { apiVersion } = protocol.request;
            const decode = async (bytes: Buffer): Promise<FetchResponse> =>
              readFetchResponse(bytes, apiVersion, (topic, partition) => ({
                fromOffset: fromOffsets.get(`${topic}/${partition}`) ?? 0,
                epoch,
              }));
            return { ...protocol, response: { ...protocol.response, decode } };
          };
        },
      },
    });
    try {
      const response = await fetch.call(view, request);
      watch.completed(epoch, partitionsOf(response, fromOffsets));
      return response;
    } catch (error) {
      watch.failed(error);
      throw error;
    }
  };
}

function partitionsOf(response: FetchResponse, fromOffsets: ReadonlyMap<string, number>): FetchedPartition[] {
  return response.responses.flatMap(({ topicName, partitions }) =>
    partitions.map(({ partition, messages, highWatermark }) => {
      const fromOffset = fromOffsets.get(`${topicName}/${partition}`) ?? 0;
      const endOffset = Number(highWatermark);
      const isAtEnd = messages.length === 0 && fromOffset >= endOffset;
      return { topic: topicName, partition, fromOffset, endOffset, isAtEnd };
    }),
  );
}

/** Lowest version with record batches; below it stand brokers older than 0.11. */
const LOWEST_VERSION = 4;

/**
 * Fetch response, versions 4 to 11: throttle time, [error, session: 7+], topics of partitions: number, error, high
 * watermark, last stable offset, [log start: 5+], aborted transactions, [preferred replica: 11+], record set.
 */
export function readFetchResponse(
  bytes: Buffer,
  version: number,
  asked: (topic: string, partition: number) => { fromOffset: number; epoch: number },
): FetchResponse {
  if (version < LOWEST_VERSION)
    throw new TypeError(`The broker speaks fetch ${version}; Kafka 0.11 or newer is needed.`);
  const reader = new Reader(bytes);
  const throttleMs = reader.int32();
  if (version >= 7) reader.skip(6);
  const responses = reader.array(() => {
    const topicName = reader.string();
    return { topicName, partitions: reader.array(() => readPartition(reader, version, topicName, asked)) };
  });
  // As kafkajs does from version 6 on: the broker expects the client to wait (KIP-219).
  return { throttleTime: 0, clientSideThrottleTime: throttleMs, responses };
}

function readPartition(
  reader: Reader,
  version: number,
  topic: string,
  asked: (topic: string, partition: number) => { fromOffset: number; epoch: number },
): PartitionResponse {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  reader.skip(version >= 5 ? 16 : 8);
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: Number(reader.int64()) }));
  const preferredReadReplica = version >= 11 ? reader.int32() : -1;
  const place = { topic, partition, ...asked(topic, partition) };
  const blocks = readBlocks(reader.bytes());
  const passedOver = abortedBlocks(blocks, aborted);
  const messages = blocks.map((block) => ({
    offset: String(block.lastOffset),
    isControlRecord: block.isControl || passedOver.has(block),
    block: { ...block, ...place },
  }));
  return { partition, errorCode, highWatermark, preferredReadReplica, messages };
}

/** The blocks of aborted transactions: from the first offset named until the producer's next mark. */
function abortedBlocks(
  blocks: readonly RecordBlock[],
  aborted: readonly { readonly producerId: string; readonly firstOffset: number }[],
): ReadonlySet<RecordBlock> {
  const passedOver = new Set<RecordBlock>();
  if (aborted.length === 0) return passedOver;
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const active = new Set<string>();
  for (const block of blocks) {
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= block.lastOffset; next = waiting[0]) {
      active.add(next.producerId);
      waiting.shift();
    }
    if (block.isControl) active.delete(block.producerId);
    else if (block.inTransaction && active.has(block.producerId)) passedOver.add(block);
  }
  return passedOver;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): void {
    this.#at += count;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): string {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8).toString();
  }

  string(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  /** What a length of int32 announces, as a view; empty for -1. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  array<T>(read: () => T): T[] {
    const count = this.int32();
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(read());
    return items;
  }
}
