/** Renders docs/fields.md from the table of the fields. */
import { FIELDS, type FieldDefinition, HOST_FIELDS, HOST_INDEX, SCHEMA_VERSION } from '../document/index.ts';

const TYPES: Readonly<Record<FieldDefinition['type'], string>> = {
  keyword: 'keyword',
  text: 'text',
  long: 'long',
  short: 'short',
  byte: 'byte',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  unindexed: 'keyword, not indexed',
  nested: 'nested',
  disabled: 'object, not indexed',
  labels: 'object of keywords',
};

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function rowOf({ name, type, unit, list, values, meaning }: FieldDefinition): string {
  const shown = values === undefined ? '' : ` One of: ${values.map((value) => `\`${value}\``).join(', ')}.`;
  const isConstant = values?.length === 1;
  return row([
    `\`${name}\``,
    `${TYPES[type]}${list ? ', list' : ''}`,
    unit ?? '',
    `${meaning}${isConstant ? '' : shown}`,
  ]);
}

/** The page as Markdown. */
export function renderFieldsPage(): string {
  const table = (fields: readonly FieldDefinition[]): string =>
    [row(['field', 'type', 'unit', 'meaning']), row(['---', '---', '---', '---']), ...fields.map(rowOf)].join('\n');
  const isOom = ({ name }: FieldDefinition): boolean => name.startsWith('oom.');
  return `${[
    '# Fields',
    'Generated from the table that the mapping and the documents are built from (`npm run docs`); a test keeps it in step.',
    `One document per report, in an index per month (\`oom-report-2026.09.01\`), behind the aliases \`oom-report\` and \`logs-oom.report\`. Schema version ${SCHEMA_VERSION}.`,
    'What was not printed is absent; zero means that the log said zero; an unlimited limit is absent here and `null` in `oom.report`. Numbers beyond the range of their field are left out, keywords are cut at 8,191 characters.',
    '## ECS fields',
    table(FIELDS.filter((field) => !isOom(field))),
    '## Fields of oomscope',
    table(FIELDS.filter(isOom)),
    '## Inventory of hosts',
    `One document per host with the facts of its newest boot, in the index \`${HOST_INDEX}\` behind the alias \`oom-host\`. How often a host ran out of memory, first and last, is asked of the reports.`,
    table(HOST_FIELDS),
  ].join('\n\n')}\n`;
}
