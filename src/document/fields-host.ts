/** The fields of the inventory's documents: one document per host, with the facts of its newest boot. */
import { HOST_SOURCES } from '../domain.ts';
import { defineFields, type FieldDefinition } from './field.ts';
import { ECS_FIELDS } from './fields-ecs.ts';
import { OOM_FIELDS } from './fields-oom.ts';

/** The fields that documents of reports do not have. */
export const HOST_OWN_FIELDS = defineFields([
  {
    name: 'oom.host.source',
    type: 'keyword',
    values: HOST_SOURCES,
    meaning: 'Where the facts were printed: `boot` lines, or an OOM `report` of that boot.',
  },
  {
    name: 'oom.host.booted',
    type: 'date',
    meaning:
      'When the host was booted: the time of the banner, or of the report less its uptime, which drifts. Absent where nothing tells: a report without a kernel stamp, lines of a boot that were read long after it.',
  },
  {
    name: 'oom.host.firmware_bytes',
    type: 'long',
    unit: 'bytes',
    meaning:
      'Memory that the firmware calls usable; far above `oom.memory.total_bytes` where a 32-bit kernel without PAE cannot reach it.',
  },
]);

type SharedName = (typeof ECS_FIELDS)[number]['name'] | (typeof OOM_FIELDS)[number]['name'];

const SHARED = new Map<string, FieldDefinition>([...ECS_FIELDS, ...OOM_FIELDS].map((field) => [field.name, field]));

/** A field of the reports as it is, or with what else it means for a host. */
function shared(name: SharedName, more: Partial<Pick<FieldDefinition, 'values' | 'meaning'>> = {}): FieldDefinition {
  const field = SHARED.get(name);
  if (!field) throw new RangeError(`no field ${name}`);
  return { ...field, ...more };
}

/** ES|QL refuses a field that no index maps: without these it could not ask of hosts before the first report. */
const REPORTS_ALONE = 'Only reports have it; mapped here too, so that hosts and reports can be asked together.';

/** Every field of a host's document, in its order. */
export const HOST_FIELDS: readonly FieldDefinition[] = [
  shared('@timestamp', { meaning: 'When this boot was first seen: the time of the line that told of it.' }),
  shared('message', { meaning: 'The host in one sentence.' }),
  shared('ecs.version'),
  shared('event.kind', { values: ['state'], meaning: 'Always `state`.' }),
  shared('event.category', { values: ['host'], meaning: 'Always `host`.' }),
  shared('event.type', { values: ['info'], meaning: 'Always `info`.' }),
  shared('event.action', { values: ['host-seen'], meaning: 'Always `host-seen`.' }),
  shared('event.module'),
  shared('event.dataset', { values: ['oom.host'], meaning: 'Always `oom.host`.' }),
  shared('event.id', { meaning: 'The id of the document: the name of the host.' }),
  shared('event.ingested'),
  shared('host.name'),
  shared('host.id'),
  shared('host.boot.id'),
  shared('host.architecture'),
  shared('host.os.type'),
  shared('host.os.kernel', { meaning: 'Kernel release, as printed in the banner or the task header.' }),
  shared('related.hosts'),
  ...HOST_OWN_FIELDS,
  shared('oom.trust'),
  shared('oom.time_source'),
  shared('oom.kernel.version'),
  shared('oom.kernel.vendor'),
  shared('oom.kernel.address_bits'),
  shared('oom.kernel.pae'),
  shared('oom.page_size_bytes'),
  shared('oom.memory.total_bytes', { meaning: 'Memory that the kernel knows of.' }),
  shared('oom.highmem.present', { meaning: '32-bit kernel whose HighMem zone holds memory.' }),
  shared('oom.highmem.total_bytes'),
  shared('oom.lowmem.total_bytes'),
  shared('oom.lowmem.exhausted', { meaning: REPORTS_ALONE }),
  shared('oom.lowmem.free_to_min_ratio', { meaning: REPORTS_ALONE }),
  shared('oom.labels'),
];
