import { describe, expect, it } from 'vitest';
import { type Membership, type TopicOffsets, takeGroup } from '../../../src/clients/kafka-group.ts';

const offsetsOf = (offset: string): TopicOffsets[] => [{ topic: 'a', partitions: [{ partition: 0, offset }] }];

function fakeBroker() {
  const commits: unknown[] = [];
  let fetches = 0;
  const broker = {
    joinGroup: async (_: { groupId: string }) => ({ generationId: 7, memberId: 'm1', leaderId: 'm1' }),
    offsetFetch: async (_: object) => {
      fetches += 1;
      return { throttleTime: 0, responses: offsetsOf(String(fetches)) };
    },
    offsetCommit: async (request: unknown) => {
      commits.push(request);
    },
  };
  return { broker, commits };
}

describe('takeGroup', () => {
  it('commits within the generation that took the client in', async () => {
    const { broker, commits } = fakeBroker();
    const admitted: Membership[] = [];
    takeGroup(broker, {
      admitted: (membership) => admitted.push(membership),
      offsetsFetched: async (offsets) => offsets,
    });
    expect(await broker.joinGroup({ groupId: 'group' })).toMatchObject({ generationId: 7 });
    expect(admitted[0]?.isLeader).toBe(true);
    await admitted[0]?.commit(offsetsOf('9'));
    expect(commits).toEqual([{ groupId: 'group', groupGenerationId: 7, memberId: 'm1', topics: offsetsOf('9') }]);
  });

  it('gives the client the offsets that it is to go by', async () => {
    const { broker } = fakeBroker();
    const seen: unknown[] = [];
    takeGroup(broker, {
      admitted: () => {},
      offsetsFetched: async (offsets, ask) => {
        seen.push(offsets, await ask());
        return offsetsOf('5');
      },
    });
    expect(await broker.offsetFetch({})).toEqual({ throttleTime: 0, responses: offsetsOf('5') });
    expect(seen).toEqual([offsetsOf('1'), offsetsOf('2')]);
  });
});
