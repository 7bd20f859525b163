/** Front door of the sinks: where documents go. */
export { createDeadLetterFile } from './dead-letter-file.ts';
export { createDeadLetterTopic } from './dead-letter-kafka.ts';
export { createElasticsearchSink, type ElasticsearchSinkDeps, type ElasticsearchSinkOptions } from './elasticsearch.ts';
export { letterJson } from './letter.ts';
export { createNdjsonSink } from './ndjson.ts';
export { createSqliteSink } from './sqlite.ts';
