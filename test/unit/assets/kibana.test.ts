import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildKibanaRules, KIBANA_LINES, kibanaText } from '../../../src/assets/index.ts';
import { closureErrors } from '../../support/kibana/closure.ts';
import { allPanels, panelsOf, type ReadObject, readObjects } from '../../support/kibana/objects.ts';

describe.each(KIBANA_LINES)('the import file of Kibana %s', (line) => {
  const text = kibanaText(line);

  it('holds together', () => {
    expect(closureErrors(text)).toEqual([]);
  });

  it('has data views, a tag, three dashboards and the searches that lead to reports', () => {
    const ids = readObjects(text).map(({ type, id }) => `${type} ${id}`);
    expect(ids).toEqual(
      expect.arrayContaining([
        'tag oomscope',
        'index-pattern oom-report',
        'index-pattern oom-host',
        'search oomscope-highmem-hosts',
        'search oomscope-reports',
        'dashboard oomscope-fleet',
        'dashboard oomscope-host',
        'dashboard oomscope-report',
      ]),
    );
    expect(allPanels(text).length).toBeGreaterThan(35);
  });

  it('is the same on every build', () => {
    expect(kibanaText(line)).toBe(text);
  });
});

describe('the check list of docs/kibana.md', () => {
  it('counts what there is', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/kibana.md'), 'utf8');
    const number = (type: string) => readObjects(kibanaText('9')).filter((object) => object.type === type).length;
    const objects = `${number('dashboard')} dashboards, ${number('search')} searches, ${number('index-pattern')} data views`;
    expect(page).toContain(`tag \`oomscope\`: ${objects}, none with a warning`);
    expect(page).toContain(`tag \`oomscope\`: ${buildKibanaRules().length} rules,`);
  });
});

describe('the figures of docs/performance.md', () => {
  it('name every panel of the dashboards, and no other', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/performance.md'), 'utf8');
    const [, table = ''] = page.split('| panel | ms |\n|---|---|\n');
    const named = table.split('\n').flatMap((row) => /^\| (.*) \| [\d.]+ \|$/.exec(row)?.[1] ?? []);
    const panels = allPanels(kibanaText('9')).map(({ name }) => name.replace('[oomscope] ', ''));
    expect(new Set(panels).size).toBe(panels.length);
    expect(named).toEqual(panels);
  });
});

describe('the closure check', () => {
  const text = kibanaText('9');
  /** The file with one object changed. */
  const changed = (id: string, change: (object: ReadObject) => unknown): string =>
    readObjects(text)
      .map((object) => JSON.stringify(object.id === id ? change(structuredClone(object)) : object))
      .join('\n');
  /** The file with the fleet dashboard's panels changed as text. */
  const withPanels = (from: string | RegExp, to: string): string =>
    changed('oomscope-fleet', (object) => {
      const panelsJSON = JSON.stringify(panelsOf(object)).replace(from, to);
      return { ...object, attributes: { ...object.attributes, panelsJSON } };
    });

  it.each([
    ['a missing object', text.split('\n').slice(1).join('\n'), /refers to tag:oomscope/],
    [
      'a version of the future',
      changed('oomscope-fleet', (o) => ({ ...o, typeMigrationVersion: '10.3.0' })),
      /10\.3\.0/,
    ],
    [
      'no version',
      changed('oomscope-fleet', ({ typeMigrationVersion: _, ...o }) => o),
      /typeMigrationVersion undefined/,
    ],
    [
      'a lost reference',
      changed('oomscope-fleet', (o) => ({ ...o, references: o.references.slice(1) })),
      /no reference/,
    ],
    [
      'a dashboard without a filter',
      changed('oomscope-host', (o) => ({
        ...o,
        attributes: { ...o.attributes, kibanaSavedObjectMeta: { searchSourceJSON: '{"filter":[]}' } },
      })),
      /has no filter/,
    ],
    [
      'a filter that hides a data view',
      changed('oomscope-fleet', (o) => {
        const { searchSourceJSON } = Object(o.attributes['kibanaSavedObjectMeta']);
        const hiding = {
          searchSourceJSON: String(searchSourceJSON).replace('{"match_phrase":{"event.dataset":"oom.host"}}', ''),
        };
        return {
          ...o,
          attributes: {
            ...o.attributes,
            kibanaSavedObjectMeta: { searchSourceJSON: hiding.searchSourceJSON.replace(',]', ']') },
          },
        };
      }),
      /its filter hides all of oom-host/,
    ],
    [
      'a panel of another data view in the dashboard than in the panel',
      changed('oomscope-host', (o) => ({
        ...o,
        references: o.references.map((reference) =>
          reference.id === 'oom-host' ? { ...reference, id: 'oom-report' } : reference,
        ),
      })),
      /the dashboard has no reference for layer/,
    ],
    [
      'a field of the other data view',
      withPanels('"sourceField":"host.os.kernel"', '"sourceField":"oom.host.booted"'),
      /oom\.host\.booted does not exist/,
    ],
    [
      'JSON encoded twice',
      changed('oom-report', (o) => ({ ...o, attributes: { ...o.attributes, typeMeta: '"{}"' } })),
      /typeMeta is encoded twice/,
    ],
    [
      'an accessor without a column',
      withPanels('"metricAccessor":"value"', '"metricAccessor":"gone"'),
      /gone is no column/,
    ],
    ['an accessor of the wrong kind', withPanels('"xAccessor":"time"', '"xAccessor":"reports"'), /wrong kind/],
    ['an order by no column', withPanels('"columnId":"reports"}', '"columnId":"gone"}'), /is ordered by/],
    [
      'a field that is not there',
      withPanels('"sourceField":"host.name"', '"sourceField":"host.nam"'),
      /host\.nam does not exist/,
    ],
    [
      'a text field',
      withPanels('"sourceField":"host.name"', '"sourceField":"message"'),
      /does not take message \(text\)/,
    ],
    ['a nested field', withPanels('"sourceField":"oom.verdict"', '"sourceField":"oom.process.name"'), /nested/],
    [
      'a filter on no field',
      withPanels('event.action: oom-panic', 'event.acton: oom-panic'),
      /event\.acton does not exist/,
    ],
    ['a panel beyond the grid', withPanels('"x":39', '"x":40'), /outside the grid/],
    ['panels on one another', withPanels('"x":6', '"x":5'), /overlaps/],
    ['Vega without the time', withPanels('%timefilter%', 'gte'), /leaves out the dashboard's time/],
    [
      'Vega of an unfetched field',
      withPanels("datum.fields['oom.lowmem.free_to_min_ratio']", "datum.fields['oom.memory.free_bytes']"),
      /not fetched/,
    ],
  ])('finds %s', (_name, file, error) => {
    expect(closureErrors(file).join('\n')).toMatch(error);
  });
});
