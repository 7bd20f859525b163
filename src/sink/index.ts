/** Front door of the sinks: where documents go. */
export { createDeadLetterFile, deadLetterFileOf, openDeadLetterFile } from './dead-letter-file.ts';
export { createDeadLetterTopic, type DeadLetterTopicOptions } from './dead-letter-kafka.ts';
export { openDeadLetterTopic } from './dead-letter-topic.ts';
export { createElasticsearchSink, type ElasticsearchSinkDeps, type ElasticsearchSinkOptions } from './elasticsearch.ts';
export { type LetterArchive, type LetterEntry, type OpenLetter, openLetters } from './letter-archive.ts';
export { createNdjsonSink } from './ndjson.ts';
export { createSqliteSink } from './sqlite.ts';
