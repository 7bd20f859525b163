/** Where lines come from. */
export type { Decoder, DecoderOptions, RawRecord } from './decode/index.ts';
export { createDecoder } from './decode/index.ts';
export { type InputText, readText } from './file.ts';
export { createKafkaSource, type KafkaSourceOptions } from './kafka.ts';
export { createLedger, type Ledger } from './ledger.ts';
export { createLinesSource } from './lines-source.ts';
export { unionOfHosts } from './open-hosts.ts';
export { PartitionClock } from './partition-clock.ts';
export { chosenTopics, readTopicChoice } from './topic-choice.ts';
export { decodeUtf8 } from './utf8.ts';
