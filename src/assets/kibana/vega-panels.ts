/** The Vega panels: low memory against HighMem, cgroup limits, and the zones, memory and tasks of one report. */
import { HOLDERS, VERDICTS } from '../../domain.ts';
import type { FieldName } from './object.ts';
import type { Panel } from './panel.ts';
import { vegaPanel } from './vega.ts';

const exists = (field: FieldName) => ({ exists: { field } });
const is = (field: FieldName, value: string | boolean) => ({ term: { [field]: value } });

/** A value of a hit as an expression, from the columns of the index. */
const value = (field: FieldName): string => `datum.fields['${field}'][0]`;

const HIT_FIELDS = ['@timestamp', 'host.name', 'process.name'] as const satisfies readonly FieldName[];

const HIT_TOOLTIP = [
  { field: 'host', title: 'host' },
  { field: 'victim', title: 'victim' },
  { field: 'when', type: 'temporal', title: 'time' },
];

const HIT_NAMES = [
  { calculate: value('host.name'), as: 'host' },
  // A report that was cut, and a panic, name no victim.
  { calculate: `isValid(datum.fields['process.name']) ? ${value('process.name')} : 'none'`, as: 'victim' },
  { calculate: `toDate(${value('@timestamp')})`, as: 'when' },
];

/** Every OOM of a highmem host: how little low memory was left, and how much HighMem lay free beside it. */
export const lowmemScatter = (): Panel =>
  vegaPanel({
    title: 'Low memory by its minimum, against free HighMem',
    filter: [
      is('oom.highmem.present', true),
      exists('oom.lowmem.free_to_min_ratio'),
      exists('oom.highmem.free_bytes'),
      exists('host.name'),
    ],
    size: 1000,
    fields: [...HIT_FIELDS, 'oom.lowmem.free_to_min_ratio', 'oom.highmem.free_bytes', 'oom.verdict'],
    chart: {
      transform: [
        ...HIT_NAMES,
        { calculate: value('oom.lowmem.free_to_min_ratio'), as: 'ratio' },
        { calculate: `${value('oom.highmem.free_bytes')} / 1048576`, as: 'free' },
        { calculate: value('oom.verdict'), as: 'verdict' },
      ],
      layer: [
        {
          mark: { type: 'rule', strokeDash: [4, 4], color: '#BD271E' },
          encoding: { x: { datum: 1 } },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 0.7 },
          encoding: {
            x: { field: 'ratio', type: 'quantitative', title: 'free low memory by MIN' },
            y: { field: 'free', type: 'quantitative', title: 'free HighMem in MiB' },
            color: {
              field: 'verdict',
              type: 'nominal',
              title: 'verdict',
              scale: { domain: VERDICTS, scheme: 'tableau20' },
            },
            tooltip: HIT_TOOLTIP,
          },
        },
      ],
    },
  });

/** Every cgroup OOM: the limit against what the victim alone held. On the line the victim filled the cgroup. */
export const cgroupScatter = (): Panel =>
  vegaPanel({
    title: 'Limit of the cgroup, against the resident memory of its victim',
    filter: [
      exists('oom.memcg.limit_bytes'),
      exists('oom.memcg.path'),
      exists('oom.victim.rss_bytes'),
      exists('host.name'),
    ],
    size: 1000,
    fields: [...HIT_FIELDS, 'oom.memcg.limit_bytes', 'oom.memcg.path', 'oom.victim.rss_bytes', 'oom.holder'],
    chart: {
      transform: [
        ...HIT_NAMES,
        { calculate: `${value('oom.memcg.limit_bytes')} / 1048576`, as: 'limit' },
        { calculate: `${value('oom.victim.rss_bytes')} / 1048576`, as: 'rss' },
        { calculate: value('oom.holder'), as: 'holder' },
        { calculate: value('oom.memcg.path'), as: 'path' },
        { filter: 'datum.limit > 0 && datum.rss > 0' },
      ],
      layer: [
        {
          mark: { type: 'line', strokeDash: [4, 4], color: '#BD271E' },
          encoding: {
            x: { field: 'limit', type: 'quantitative', scale: { type: 'log' } },
            y: { field: 'limit', type: 'quantitative' },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 0.7 },
          encoding: {
            x: { field: 'limit', type: 'quantitative', title: 'limit in MiB', scale: { type: 'log' } },
            y: { field: 'rss', type: 'quantitative', title: "victim's resident memory in MiB", scale: { type: 'log' } },
            color: {
              field: 'holder',
              type: 'nominal',
              title: 'held by',
              scale: { domain: HOLDERS, scheme: 'tableau20' },
            },
            tooltip: [...HIT_TOOLTIP, { field: 'path', title: 'cgroup' }],
          },
        },
      ],
    },
  });

const ZONES = ['dma', 'dma32', 'normal', 'highmem', 'movable'] as const;

/** The newest report of the context: free pages of each zone beside its marks. */
export const zonesOfReport = (): Panel =>
  vegaPanel({
    title: 'Zones of the newest report: free against MIN, LOW and HIGH',
    filter: [exists('oom.zone.normal.free_bytes')],
    size: 1,
    source: ['oom.zone'],
    chart: {
      transform: [
        ...ZONES.map((zone) => ({ calculate: `datum._source.oom.zone.${zone}`, as: zone })),
        { fold: ZONES, as: ['zone', 'values'] },
        { filter: 'isValid(datum.values)' },
        ...(['free', 'min', 'low', 'high'] as const).map((mark) => ({
          calculate: `datum.values.${mark}_bytes / 1048576`,
          as: mark,
        })),
        { fold: ['free', 'min', 'low', 'high'], as: ['mark', 'size'] },
        { filter: 'isFinite(datum.size)' },
      ],
      mark: { type: 'bar', tooltip: true },
      encoding: {
        y: { field: 'zone', type: 'nominal', sort: ZONES, title: null },
        yOffset: { field: 'mark', sort: ['free', 'min', 'low', 'high'] },
        x: { field: 'size', type: 'quantitative', title: 'MiB (symmetric log)', scale: { type: 'symlog' } },
        color: {
          field: 'mark',
          type: 'nominal',
          title: null,
          scale: { domain: ['free', 'min', 'low', 'high'], range: ['#54B399', '#E7664C', '#D6BF57', '#6092C0'] },
        },
      },
    },
  });

const MEMORY = {
  anon: 'oom.memory.anon_bytes',
  file: 'oom.memory.file_bytes',
  shmem: 'oom.memory.shmem_bytes',
  'slab, reclaimable': 'oom.memory.slab_reclaimable_bytes',
  'slab, unreclaimable': 'oom.memory.slab_unreclaimable_bytes',
  'page tables': 'oom.memory.pagetables_bytes',
  unevictable: 'oom.memory.unevictable_bytes',
  free: 'oom.memory.free_bytes',
  'in no counter': 'oom.memory.unattributed_bytes',
} as const satisfies Readonly<Record<string, FieldName>>;

/** The newest report of the context: the printed counters of memory. */
export const memoryOfReport = (): Panel =>
  vegaPanel({
    title: 'Memory of the newest report, by counter',
    filter: [exists('oom.memory.free_bytes')],
    size: 1,
    source: ['oom.memory'],
    chart: {
      transform: [
        ...Object.entries(MEMORY).map(([name, field]) => ({ calculate: `datum._source.${field} / 1048576`, as: name })),
        { fold: Object.keys(MEMORY), as: ['counter', 'size'] },
        { filter: 'isFinite(datum.size) && datum.size > 0' },
      ],
      mark: { type: 'bar', tooltip: true },
      encoding: {
        y: { field: 'counter', type: 'nominal', sort: '-x', title: null },
        x: { field: 'size', type: 'quantitative', title: 'MiB' },
      },
    },
  });

/** The newest report of the context: its largest tasks, which stand in a nested field that Lens cannot see. */
export const tasksOfReport = (): Panel =>
  vegaPanel({
    title: 'Largest tasks of the newest report',
    filter: [exists('oom.tasks.count')],
    size: 1,
    source: ['oom.process'],
    chart: {
      transform: [
        { calculate: 'datum._source.oom.process', as: 'tasks' },
        { flatten: ['tasks'], as: ['task'] },
        { calculate: "datum.task.name + ' (' + datum.task.pid + ')'", as: 'name' },
        { calculate: 'datum.task.rss_bytes / 1048576', as: 'rss' },
        { calculate: "datum.task.killed ? 'killed' : 'alive'", as: 'fate' },
        { filter: 'isFinite(datum.rss) && (datum.task.rank <= 20 || datum.task.killed)' },
      ],
      mark: { type: 'bar', tooltip: true },
      encoding: {
        y: { field: 'name', type: 'nominal', sort: '-x', title: null },
        x: { field: 'rss', type: 'quantitative', title: 'resident memory in MiB' },
        color: {
          field: 'fate',
          type: 'nominal',
          title: null,
          scale: { domain: ['killed', 'alive'], range: ['#BD271E', '#6092C0'] },
        },
      },
    },
  });
