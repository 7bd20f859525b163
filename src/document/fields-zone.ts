/** The fields of the five zone classes: object keys, because nested objects reach neither Lens nor ES|QL. */
import type { FieldDefinition } from './field.ts';
import { defineFields } from './field.ts';

export const ZONE_CLASSES = ['dma', 'dma32', 'normal', 'highmem', 'movable'] as const;
export type ZoneClass = (typeof ZONE_CLASSES)[number];

/** One row per value of a zone; the name is completed by the zone class. */
export const ZONE_COLUMNS = defineFields([
  { name: 'free_bytes', type: 'long', unit: 'bytes', meaning: 'Free.' },
  { name: 'min_bytes', type: 'long', unit: 'bytes', meaning: 'Mark MIN, as printed (with the boost).' },
  { name: 'low_bytes', type: 'long', unit: 'bytes', meaning: 'Mark LOW, as printed.' },
  { name: 'high_bytes', type: 'long', unit: 'bytes', meaning: 'Mark HIGH, as printed: the last try uses it.' },
  { name: 'boost_bytes', type: 'long', unit: 'bytes', meaning: 'Watermark boost, contained in the marks.' },
  {
    name: 'reserve_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Reserve of the zone against this request (`lowmem_reserve`).',
  },
  { name: 'highatomic_bytes', type: 'long', unit: 'bytes', meaning: 'Held for high-order atomic requests.' },
  { name: 'cma_free_bytes', type: 'long', unit: 'bytes', meaning: 'Free pages of CMA.' },
  { name: 'present_bytes', type: 'long', unit: 'bytes', meaning: 'Present.' },
  { name: 'managed_bytes', type: 'long', unit: 'bytes', meaning: 'Managed by the allocator.' },
  {
    name: 'min_margin_bytes',
    type: 'long',
    unit: 'bytes',
    meaning:
      'What the request could use less MIN and reserve: the least of the nodes. The zone is refused at zero and below.',
  },
  {
    name: 'high_margin_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'The same against HIGH, the mark of the last try before the kill.',
  },
  { name: 'largest_order', type: 'byte', meaning: 'Order of the largest free block; -1 when there is none.' },
  { name: 'below_min', type: 'boolean', meaning: 'On some node free is not above MIN.' },
  { name: 'all_unreclaimable', type: 'boolean', meaning: 'The kernel had given up reclaiming it (up to 4.7).' },
]);

export type ZoneColumn = (typeof ZONE_COLUMNS)[number];
const TITLES: Readonly<Record<ZoneClass, string>> = {
  dma: 'Zone DMA',
  dma32: 'Zone DMA32',
  normal: 'Zone Normal',
  highmem: 'Zone HighMem',
  movable: 'Zone Movable',
};

/** All zone fields: the columns for every class. Sizes are sums over the nodes. */
export const ZONE_FIELDS: readonly FieldDefinition[] = ZONE_CLASSES.flatMap((zone) =>
  ZONE_COLUMNS.map((column) => ({
    ...column,
    name: `oom.zone.${zone}.${column.name}`,
    meaning: `${TITLES[zone]}: ${column.meaning}`,
  })),
);
