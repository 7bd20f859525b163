/** Saved searches: lists of reports that lead to the report itself. */
import { type FieldName, HOST_DATA_VIEW_ID, type SavedObject } from './object.ts';
import { buildSearch } from './panel.ts';

export const SEARCH_IDS = {
  reports: 'oomscope-reports',
  lowmem: 'oomscope-lowmem',
  cgroups: 'oomscope-cgroups',
  panics: 'oomscope-panics',
  incomplete: 'oomscope-incomplete',
  text: 'oomscope-report-text',
  hosts: 'oomscope-highmem-hosts',
} as const;

/** `event.id` leads to the report, `host.name` to the host. */
const COMMON = ['host.name', 'process.name', 'oom.verdict', 'oom.holder'] as const satisfies readonly FieldName[];

export const buildSearches = (): SavedObject[] => [
  buildSearch({
    id: SEARCH_IDS.reports,
    title: '[oomscope] Reports',
    description: 'Every report with its cause in one sentence.',
    columns: [...COMMON, 'message', 'event.id'],
  }),
  buildSearch({
    id: SEARCH_IDS.lowmem,
    title: '[oomscope] 32-bit highmem hosts',
    description: 'Reports of 32-bit kernels with HighMem, and how much low memory was left.',
    where: 'oom.highmem.present: true',
    columns: [
      ...COMMON,
      'oom.lowmem.exhausted',
      'oom.lowmem.free_to_min_ratio',
      'oom.highmem.free_bytes',
      'host.os.kernel',
      'event.id',
    ],
  }),
  buildSearch({
    id: SEARCH_IDS.cgroups,
    title: '[oomscope] Cgroups at their limit',
    description: 'Reports of memory cgroups, with pod, unit, limit and usage.',
    where: 'oom.scope: memcg',
    columns: [
      ...COMMON,
      'oom.memcg.path',
      'oom.memcg.limit_bytes',
      'oom.memcg.usage_bytes',
      'orchestrator.resource.id',
      'event.id',
    ],
  }),
  buildSearch({
    id: SEARCH_IDS.panics,
    title: '[oomscope] Panics and reports without a victim',
    description: 'The kernel found nothing to kill, or was told to panic.',
    where: 'event.action: oom-panic or event.action: oom-no-victim',
    columns: ['host.name', 'event.action', 'oom.verdict', 'message', 'event.id'],
  }),
  buildSearch({
    id: SEARCH_IDS.incomplete,
    title: '[oomscope] Incomplete reports',
    description: 'What arrived cut, with the sections that are missing: look at the shippers of these hosts.',
    where: 'oom.complete: false',
    columns: ['host.name', 'oom.missing', 'oom.issues', 'oom.truncated', 'event.id'],
  }),
  buildSearch({
    id: SEARCH_IDS.text,
    title: '[oomscope] Report in full',
    description: 'The explanation, and the lines of the kernel under `event.original`.',
    columns: ['host.name', 'oom.explanation', 'event.original'],
  }),
  buildSearch({
    id: SEARCH_IDS.hosts,
    title: '[oomscope] 32-bit highmem hosts, with or without an OOM',
    description: 'The inventory: 32-bit hosts with HighMem as they said when they were booted, or in a report.',
    where: 'oom.highmem.present: true',
    dataViewId: HOST_DATA_VIEW_ID,
    columns: [
      'host.name',
      'host.os.kernel',
      'oom.lowmem.total_bytes',
      'oom.highmem.total_bytes',
      'oom.kernel.pae',
      'oom.host.booted',
      'oom.host.source',
    ],
  }),
];
