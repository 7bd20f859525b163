/** Front door of the document: what a report looks like in the index, and the mapping of its fields. */
export { INDEX_PREFIX, indexOf, toDocument, toWrite } from './document.ts';
export type { FieldDefinition, FieldType, FieldUnit } from './field.ts';
export { FIELD_BY_NAME, FIELDS, type FieldName, SCHEMA_VERSION } from './fields.ts';
export { HOST_FIELDS } from './fields-host.ts';
export { HOST_INDEX, HOST_INDEX_PREFIX, hostFactsOf, toHostWrite } from './host.ts';
export { HOST_TEMPLATE, isHostIndex, isOwnIndex, REPORT_TEMPLATE, templateOf } from './index-template.ts';
export { buildMapping, type Dynamic } from './mapping.ts';
export { compareMappings, countFields, type MappingDifference } from './mapping-difference.ts';
export { readReport } from './report.ts';
