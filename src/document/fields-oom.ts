/** The fields below `oom`: what the kernel printed and what follows from it. */
import {
  CONFIDENCES,
  HOLDERS,
  SCOPES,
  SECTIONS,
  SWAP_STATES,
  TIME_SOURCES,
  TRUST_LEVELS,
  VERDICTS,
} from '../domain.ts';
import { FINDINGS } from '../tables/findings.ts';
import { ISSUES } from '../tables/issues.ts';
import { defineFields } from './field.ts';

export const OOM_FIELDS = defineFields([
  // ---- the answer
  { name: 'oom.verdict', type: 'keyword', values: VERDICTS, meaning: 'Why this allocation failed.' },
  {
    name: 'oom.contributing',
    type: 'keyword',
    list: true,
    values: VERDICTS,
    meaning: 'Further verdicts that hold as well.',
  },
  { name: 'oom.holder', type: 'keyword', values: HOLDERS, meaning: 'Where the memory had gone.' },
  {
    name: 'oom.confidence',
    type: 'keyword',
    values: CONFIDENCES,
    meaning: 'How well the report supports the verdict.',
  },
  {
    name: 'oom.findings',
    type: 'keyword',
    list: true,
    values: Object.keys(FINDINGS),
    meaning: 'Facts beside verdict and holder.',
  },
  { name: 'oom.explanation', type: 'text', meaning: 'The answer as a paragraph to act on.' },

  // ---- the event
  { name: 'oom.scope', type: 'keyword', values: SCOPES, meaning: 'What had run out, from what is printed.' },
  { name: 'oom.constraint', type: 'keyword', meaning: 'The constraint as printed (`CONSTRAINT_NONE`, 5.0 and later).' },
  {
    name: 'oom.kills',
    type: 'long',
    meaning:
      'Kill lines of the report; 0 when the kernel found no victim; absent when the report was cut before its end.',
  },
  { name: 'oom.complete', type: 'boolean', meaning: 'Nothing is missing that this kernel prints for this event.' },
  { name: 'oom.missing', type: 'keyword', list: true, values: SECTIONS, meaning: 'Sections that are missing.' },
  {
    name: 'oom.issues',
    type: 'keyword',
    list: true,
    values: Object.keys(ISSUES),
    meaning: 'What was wrong with the text.',
  },
  { name: 'oom.truncated', type: 'boolean', meaning: 'A limit shed parts of the report.' },
  { name: 'oom.trust', type: 'keyword', values: TRUST_LEVELS, meaning: "Why the lines count as the kernel's." },
  { name: 'oom.time_source', type: 'keyword', values: TIME_SOURCES, meaning: 'What stated `@timestamp`.' },
  { name: 'oom.page_size_bytes', type: 'long', unit: 'bytes', meaning: 'Page size of the host.' },
  { name: 'oom.analyzer.revision', type: 'long', meaning: 'Revision of the analyzer that wrote the document.' },
  {
    name: 'oom.analyzer.lines',
    type: 'long',
    meaning: 'Lines of the report that were recognised; the fuller reading wins.',
  },

  // ---- the kernel
  { name: 'oom.kernel.version', type: 'keyword', meaning: 'Version that the release begins with.' },
  { name: 'oom.kernel.vendor', type: 'keyword', meaning: 'Enterprise line of the release (`rhel8`).' },
  { name: 'oom.kernel.address_bits', type: 'byte', meaning: '32 or 64.' },
  { name: 'oom.kernel.pae', type: 'boolean', meaning: '32-bit kernel with physical address extension.' },
  { name: 'oom.kernel.taint', type: 'keyword', meaning: 'Taint letters; absent when not tainted.' },
  { name: 'oom.kernel.monotonic_us', type: 'long', unit: 'us', meaning: 'Stamp of the anchor line: time since boot.' },
  { name: 'oom.kernel.watermark_rule', type: 'keyword', meaning: 'Versions whose watermark rule was replayed.' },

  // ---- the request
  { name: 'oom.trigger.name', type: 'keyword', meaning: 'comm of the task that asked for memory.' },
  { name: 'oom.trigger.pid', type: 'long', meaning: 'Its pid, from the task header.' },
  { name: 'oom.trigger.gfp_mask', type: 'keyword', meaning: 'The mask, as printed: lower-case hex with 0x.' },
  { name: 'oom.trigger.gfp_flags', type: 'keyword', list: true, meaning: 'Names of its flags in this kernel.' },
  { name: 'oom.trigger.zone', type: 'keyword', meaning: 'Highest zone that the request may use.' },
  { name: 'oom.trigger.purpose', type: 'keyword', meaning: 'What the memory was for, from the call trace.' },
  { name: 'oom.trigger.order', type: 'short', meaning: 'Order of the request; -1 for SysRq-F.' },
  { name: 'oom.trigger.adj', type: 'short', meaning: 'oom_score_adj of the task.' },
  { name: 'oom.trigger.cpu', type: 'long', meaning: 'CPU on which it ran.' },
  { name: 'oom.trigger.nodemask', type: 'keyword', meaning: 'Allowed nodes, as printed.' },

  // ---- the victim
  { name: 'oom.victim.adj', type: 'short', meaning: 'oom_score_adj of the first victim.' },
  { name: 'oom.victim.score', type: 'long', meaning: 'Its badness, as printed with the choice.' },
  { name: 'oom.victim.is_trigger', type: 'boolean', meaning: 'The victim is the task that asked.' },
  { name: 'oom.victim.is_largest', type: 'boolean', meaning: 'No task of the table is larger.' },
  { name: 'oom.victim.in_table', type: 'boolean', meaning: 'The victim stands in the process table.' },
  { name: 'oom.victim.vm_bytes', type: 'long', unit: 'bytes', meaning: 'Address space.' },
  {
    name: 'oom.victim.rss_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Resident memory: the sum of the parts printed.',
  },
  { name: 'oom.victim.rss_anon_bytes', type: 'long', unit: 'bytes', meaning: 'Resident anonymous memory.' },
  { name: 'oom.victim.rss_file_bytes', type: 'long', unit: 'bytes', meaning: 'Resident file memory.' },
  { name: 'oom.victim.rss_shmem_bytes', type: 'long', unit: 'bytes', meaning: 'Resident shared memory.' },
  { name: 'oom.victim.swap_bytes', type: 'long', unit: 'bytes', meaning: 'Swapped out, from the process table.' },
  { name: 'oom.victim.pgtables_bytes', type: 'long', unit: 'bytes', meaning: 'Page tables.' },
  {
    name: 'oom.victim.rss_share_ratio',
    type: 'double',
    unit: 'ratio',
    meaning: 'Resident memory by total memory (or by the limit of the cgroup).',
  },
  { name: 'oom.largest.pid', type: 'long', meaning: 'Task of the table with the most resident memory.' },
  { name: 'oom.largest.name', type: 'keyword', meaning: 'Its comm.' },
  { name: 'oom.largest.rss_bytes', type: 'long', unit: 'bytes', meaning: 'Its resident memory.' },

  // ---- the process table
  { name: 'oom.tasks.count', type: 'long', meaning: 'Rows of the process table; absent when none was printed.' },
  {
    name: 'oom.tasks.rss_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Resident memory of the rows kept; shared pages count in each.',
  },
  {
    name: 'oom.process',
    type: 'nested',
    meaning: 'The 50 largest tasks by resident memory, the victims and the trigger.',
  },
  { name: 'oom.process.rank', type: 'short', meaning: 'Place by resident memory, from 1.' },
  { name: 'oom.process.pid', type: 'long', meaning: 'Pid.' },
  { name: 'oom.process.tgid', type: 'long', meaning: 'Thread group.' },
  { name: 'oom.process.uid', type: 'keyword', meaning: 'User id.' },
  { name: 'oom.process.name', type: 'keyword', meaning: 'comm.' },
  { name: 'oom.process.vm_bytes', type: 'long', unit: 'bytes', meaning: 'Address space.' },
  { name: 'oom.process.rss_bytes', type: 'long', unit: 'bytes', meaning: 'Resident memory.' },
  { name: 'oom.process.swap_bytes', type: 'long', unit: 'bytes', meaning: 'Swapped out.' },
  { name: 'oom.process.pgtables_bytes', type: 'long', unit: 'bytes', meaning: 'Page tables (4.15 and later).' },
  { name: 'oom.process.adj', type: 'short', meaning: 'oom_score_adj.' },
  { name: 'oom.process.killed', type: 'boolean', meaning: 'True for a victim.' },

  // ---- the machine
  {
    name: 'oom.memory.total_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Memory of the machine; the present pages of the zones where no total is printed.',
  },
  { name: 'oom.memory.free_bytes', type: 'long', unit: 'bytes', meaning: 'Free memory.' },
  {
    name: 'oom.memory.anon_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Anonymous memory on the LRU lists (with shmem).',
  },
  { name: 'oom.memory.file_bytes', type: 'long', unit: 'bytes', meaning: 'File memory on the LRU lists.' },
  { name: 'oom.memory.cache_bytes', type: 'long', unit: 'bytes', meaning: 'Page cache, with shmem.' },
  { name: 'oom.memory.shmem_bytes', type: 'long', unit: 'bytes', meaning: 'Shared memory and tmpfs.' },
  { name: 'oom.memory.unevictable_bytes', type: 'long', unit: 'bytes', meaning: 'Unevictable memory.' },
  { name: 'oom.memory.dirty_bytes', type: 'long', unit: 'bytes', meaning: 'Dirty pages and those under writeback.' },
  { name: 'oom.memory.slab_reclaimable_bytes', type: 'long', unit: 'bytes', meaning: 'Slab that can be reclaimed.' },
  { name: 'oom.memory.slab_unreclaimable_bytes', type: 'long', unit: 'bytes', meaning: 'Slab that cannot.' },
  { name: 'oom.memory.pagetables_bytes', type: 'long', unit: 'bytes', meaning: 'Page tables.' },
  {
    name: 'oom.memory.unattributed_bytes',
    type: 'long',
    unit: 'bytes',
    meaning: 'Memory that no printed counter claims.',
  },
  { name: 'oom.swap.state', type: 'keyword', values: SWAP_STATES, meaning: 'State of swap.' },
  { name: 'oom.swap.total_bytes', type: 'long', unit: 'bytes', meaning: 'Swap space.' },
  { name: 'oom.swap.free_bytes', type: 'long', unit: 'bytes', meaning: 'Free swap, as printed.' },
  {
    name: 'oom.highmem.present',
    type: 'boolean',
    meaning: '32-bit kernel whose HighMem zone holds memory; absent when the report cannot tell.',
  },
  { name: 'oom.highmem.total_bytes', type: 'long', unit: 'bytes', meaning: 'HighMem.' },
  { name: 'oom.highmem.free_bytes', type: 'long', unit: 'bytes', meaning: 'Free HighMem.' },
  { name: 'oom.lowmem.exhausted', type: 'boolean', meaning: 'Low memory of a 32-bit host was used up.' },
  { name: 'oom.lowmem.total_bytes', type: 'long', unit: 'bytes', meaning: 'Low memory of a 32-bit host.' },
  { name: 'oom.lowmem.free_bytes', type: 'long', unit: 'bytes', meaning: 'Free low memory.' },
  { name: 'oom.lowmem.min_bytes', type: 'long', unit: 'bytes', meaning: 'Sum of MIN of its zones.' },
  { name: 'oom.lowmem.free_to_min_ratio', type: 'double', unit: 'ratio', meaning: 'Free low memory by that sum.' },
  { name: 'oom.lowmem.mem_map_bytes', type: 'long', unit: 'bytes', meaning: 'Page descriptors in low memory.' },

  // ---- the cgroup
  { name: 'oom.memcg.path', type: 'keyword', meaning: 'The cgroup whose limit was hit.' },
  { name: 'oom.memcg.task_path', type: 'keyword', meaning: "The victim's cgroup." },
  { name: 'oom.memcg.unit', type: 'keyword', meaning: 'systemd unit, from the path.' },
  { name: 'oom.memcg.qos', type: 'keyword', meaning: 'Kubernetes quality of service, from the path.' },
  {
    name: 'oom.memcg.limit_kind',
    type: 'keyword',
    values: ['memory', 'memory+swap', 'swap', 'kmem'],
    meaning: 'Which limit was hit.',
  },
  { name: 'oom.memcg.limit_bytes', type: 'long', unit: 'bytes', meaning: 'The memory limit; absent when unlimited.' },
  { name: 'oom.memcg.usage_bytes', type: 'long', unit: 'bytes', meaning: 'Memory charged.' },
  { name: 'oom.memcg.failcnt', type: 'long', meaning: 'How often the limit was hit.' },
  { name: 'oom.memcg.group_kill', type: 'boolean', meaning: 'memory.oom.group killed the whole cgroup.' },

  // ---- where it came from
  { name: 'oom.source.topic', type: 'keyword', meaning: 'Topic, or path of the file.' },
  { name: 'oom.source.partition', type: 'long', meaning: 'Partition; 0 for a file.' },
  { name: 'oom.source.offset_first', type: 'long', meaning: 'Offset of the first line; for a file its number from 0.' },
  { name: 'oom.source.offset_last', type: 'long', meaning: 'Offset of the last line.' },
  { name: 'oom.labels', type: 'labels', meaning: 'Configured record fields (`records.labels`), a keyword each.' },
  { name: 'oom.report', type: 'disabled', meaning: 'The whole report in kernel units; stored, not searchable.' },
  {
    name: 'oom.analysis',
    type: 'disabled',
    meaning: 'The whole analysis with its evidence and advice; stored, not searchable.',
  },
]);
