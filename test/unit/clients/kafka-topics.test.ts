import { expect, it } from 'vitest';
import { listTopics } from '../../../src/clients/kafka-topics.ts';

/** kafkajs as far as it is used: its own parser refuses the whole answer for one topic in error. */
function fakeKafka(topicMetadata: readonly object[]) {
  let connections = 0;
  const broker = {
    lookupRequest: () => () => ({
      request: {},
      response: {
        parse: async () => {
          throw new Error('LEADER_NOT_AVAILABLE');
        },
      },
    }),
    async metadata(this: { lookupRequest(): (request: object) => { response: { parse(data: object): unknown } } }) {
      return this.lookupRequest()({}).response.parse({ topicMetadata });
    },
  };
  const cluster = {
    connect: async () => {
      connections += 1;
    },
    disconnect: async () => {
      connections -= 1;
    },
    brokerPool: { findConnectedBroker: async () => broker },
  };
  return { kafka: { [Symbol('private:Kafka:createCluster')]: () => cluster }, connections: () => connections };
}

it('lists topics with their partitions, whatever is wrong with others or with a partition', async () => {
  const { kafka, connections } = fakeKafka([
    { topicErrorCode: 0, topic: 'a', partitionMetadata: [{ partitionErrorCode: 5 }, { partitionErrorCode: 0 }] },
    { topicErrorCode: 5, topic: 'b', partitionMetadata: [] },
    { topicErrorCode: 0, topic: 'c', partitionMetadata: [{}] },
  ]);
  expect([...(await listTopics(kafka))]).toEqual([
    ['a', 2],
    ['c', 1],
  ]);
  expect(connections()).toBe(0);
});
