/** Front door of the clients for the shells; adapters import each client's own file. */
export { readAvroSchema } from './avro.ts';
export { createElasticsearchClient, type ElasticsearchClient } from './elasticsearch.ts';
export type { KafkaClientOptions, KafkaSasl, KafkaTls } from './kafka.ts';
export { type Feed, type FeedRecord, openFeed } from './kafka-feed.ts';
export { createKibanaClient, type KibanaClient } from './kibana.ts';
export { createTokenSource } from './oauth.ts';
export { openReportDatabase, readReportDatabase } from './sqlite.ts';
