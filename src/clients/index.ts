/** Front door of the clients for the shells; adapters import each client's own file. */
export { readAvroSchema } from './avro.ts';
export { createElasticsearchClient, type ElasticsearchClient } from './elasticsearch.ts';
export { createKibanaClient, type KibanaClient } from './kibana.ts';
export { openReportDatabase } from './sqlite.ts';
