/**
 * Makes `fields.json` of `generated/ecs/ecs_flat.yml`, which stands in every release of the Elastic Common Schema:
 *
 *     node test/support/vendor/ecs/generate.ts ecs_flat.yml 9.0.0
 *
 * Kept are names, types and closed lists of values, of the field sets that documents use.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const SETS = ['container', 'ecs', 'event', 'host', 'orchestrator', 'process', 'related', 'user'];

interface Entry {
  readonly type: string;
  readonly index?: boolean;
  readonly normalize?: readonly string[];
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[];
}

const [path = '', version = ''] = process.argv.slice(2);
const flat = parse(readFileSync(path, 'utf8')) as Record<string, Entry>;
const fields = Object.entries(flat)
  .filter(([name]) => !name.includes('.') || SETS.includes(name.split('.')[0] ?? ''))
  .map(([name, { type, index, normalize, allowed_values: allowed }]) => [
    name,
    {
      type,
      ...(index === false ? { indexed: false } : {}),
      ...(normalize?.includes('array') ? { list: true } : {}),
      ...(allowed ? { values: Object.fromEntries(allowed.map((value) => [value.name, value.expected_event_types ?? []])) } : {}),
    },
  ]);
const lines = fields.map(([name, field]) => `    ${JSON.stringify(name)}: ${JSON.stringify(field)}`);
writeFileSync(
  new URL('fields.json', import.meta.url),
  `{\n  "version": ${JSON.stringify(version)},\n  "fields": {\n${lines.join(',\n')}\n  }\n}\n`,
);
