/**
 * What a consumer's broker says of the group: the membership, and the committed offsets before kafkajs goes by them.
 *
 * kafkajs asks for the committed offsets of all its partitions before it fetches. A partition that is left out of the
 * answer is not fetched, and is asked for again before the next fetch; so the start of a partition without a commit can
 * be committed before anything is read of it. Written for kafkajs 2.2.4, which is pinned.
 */

/** Offsets of a topic; -1 for none. */
export interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

export interface Membership {
  readonly isLeader: boolean;
  /** Commits in one request, all or none; refused once the group has gone on to another generation. */
  commit(offsets: readonly TopicOffsets[]): Promise<void>;
}

export interface GroupWatch {
  /** The group takes this client in; its partitions follow. */
  readonly admitted: (membership: Membership) => void;
  /** Gives the offsets that kafkajs is to go by; `ask` fetches them again. */
  readonly offsetsFetched: (
    offsets: readonly TopicOffsets[],
    ask: () => Promise<readonly TopicOffsets[]>,
  ) => Promise<readonly TopicOffsets[]>;
}

interface OffsetFetchResponse {
  readonly responses: readonly TopicOffsets[];
}

/** The part of kafkajs's broker that is used here. */
interface GroupBroker {
  joinGroup(request: { readonly groupId: string }): Promise<{
    readonly generationId: number;
    readonly memberId: string;
    readonly leaderId: string;
  }>;
  offsetFetch(request: object): Promise<OffsetFetchResponse>;
  offsetCommit(request: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly TopicOffsets[];
  }): Promise<unknown>;
}

/** Tells `watch` of what this broker, when it is the group's coordinator, says. */
export function takeGroup(taken: object, watch: GroupWatch): void {
  const broker = taken as GroupBroker;
  const joinGroup = broker.joinGroup.bind(broker);
  const offsetFetch = broker.offsetFetch.bind(broker);
  broker.joinGroup = async (request) => {
    const joined = await joinGroup(request);
    const { groupId } = request;
    const { generationId, memberId, leaderId } = joined;
    watch.admitted({
      isLeader: memberId === leaderId,
      commit: async (topics) => {
        await broker.offsetCommit({ groupId, groupGenerationId: generationId, memberId, topics });
      },
    });
    return joined;
  };
  broker.offsetFetch = async (request) => {
    const response = await offsetFetch(request);
    const ask = async () => (await offsetFetch(request)).responses;
    return { ...response, responses: await watch.offsetsFetched(response.responses, ask) };
  };
}
