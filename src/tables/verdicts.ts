/** The closed list of verdicts in words: why an allocation failed. The order is the order of evaluation. */
import type { Verdict } from '../domain.ts';

export interface VerdictText {
  /** A few words for tables and charts. */
  readonly title: string;
  readonly meaning: string;
  /** What in a report decides it. */
  readonly evidence: string;
}

export const VERDICT_TEXTS: Readonly<Record<Verdict, VerdictText>> = {
  'memcg-limit': {
    title: 'memory cgroup at its limit',
    meaning: 'A memory cgroup reached its limit. The machine may have had memory to spare.',
    evidence:
      'The kernel says so: CONSTRAINT_MEMCG, "Memory cgroup out of memory", or a cgroup block with usage at its limit.',
  },
  'cpuset-limit': {
    title: 'cpuset nodes exhausted',
    meaning: "The nodes of the task's cpuset ran out of memory; other nodes were not allowed to it.",
    evidence: 'CONSTRAINT_CPUSET, or allowed nodes that all fail while forbidden ones are above HIGH.',
  },
  'mempolicy-limit': {
    title: 'memory policy nodes exhausted',
    meaning: "The nodes of the task's memory policy ran out of memory; other nodes were not allowed to it.",
    evidence: 'CONSTRAINT_MEMORY_POLICY, or "No available memory (MPOL_BIND)".',
  },
  'numa-imbalance': {
    title: 'one node exhausted, another free',
    meaning: 'A node ran out of memory while another, which nothing printed forbids, had memory above its HIGH mark.',
    evidence: 'The zones of one node fail the watermark check; those of another pass it.',
  },
  manual: {
    title: 'called by SysRq',
    meaning: 'SysRq-F called the OOM killer. Nothing need have been short.',
    evidence: 'order=-1, "Manual OOM execution", or moom_callback in the call trace.',
  },
  'page-fault': {
    title: 'failed page fault',
    meaning: 'The handler of a page fault reported out of memory; the report holds no allocation to replay.',
    evidence: 'gfp_mask=0x0 and order=0, as pagefault_out_of_memory passes them.',
  },
  'lowmem-exhausted': {
    title: 'low memory exhausted beside free HighMem',
    meaning: 'A 32-bit kernel ran out of low memory, which the kernel itself needs, while HighMem had memory to spare.',
    evidence: 'A request for Normal or DMA; all zones up to Normal fail the check; HighMem is above its HIGH mark.',
  },
  'dma-zone-exhausted': {
    title: 'DMA zone exhausted',
    meaning: 'A request for DMA or DMA32 memory failed while higher zones had memory to spare.',
    evidence: 'A mask with a DMA bit; the zone and those below it fail the check; Normal is above its HIGH mark.',
  },
  fragmented: {
    title: 'no block of the order asked for',
    meaning: 'Enough single pages were free, but no block of adjacent pages as large as the request.',
    evidence: 'order >= 1; a zone passes the check at order 0 and fails it at the order, or has no usable block.',
  },
  'cma-withheld': {
    title: 'free pages belong to CMA',
    meaning: 'Most free pages lie in the CMA area, which only movable requests may use.',
    evidence: 'free less free_cma fails the check, free passes it; the CMA pages are 5 % of the zone or more.',
  },
  'reserve-withheld': {
    title: 'free pages withheld by boost or highatomic reserve',
    meaning: 'A raised watermark or the reserve for high-order atomic requests kept free pages from this request.',
    evidence: 'The check passes with boost and highatomic reserve given back; they are 5 % of the zone or more.',
  },
  'movable-imbalance': {
    title: 'Normal exhausted beside a free Movable zone',
    meaning:
      'The kernel could not take memory from the Movable zone, where it was free, and zone Normal was exhausted.',
    evidence: 'A request for Normal on 64 bits; all zones up to Normal fail; Movable is above its HIGH mark.',
  },
  'machine-exhausted': {
    title: 'machine out of memory',
    meaning: 'Every zone that the request could use was below the mark that it had to exceed.',
    evidence:
      'The replayed check fails for every zone of the request, at MIN or at HIGH, the last try before the kill.',
  },
  unexplained: {
    title: 'not explained by the watermarks',
    meaning: 'A zone that the request could use passes every mark at the time of the report.',
    evidence: 'The replayed check passes. Memory may have been freed between the decision and the report.',
  },
  'insufficient-data': {
    title: 'not enough data',
    meaning: 'The report lacks what the replay needs.',
    evidence: 'No mask, no zone line, or the line of a zone that the request could use is lost.',
  },
};
