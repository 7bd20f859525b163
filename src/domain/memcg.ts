/** The memory-cgroup block. */
import type { Located } from './report.ts';

/** usage, limit, failcnt of one counter of a memory cgroup; limit null = unlimited. */
export interface MemcgCounter extends Located {
  usageKb: number;
  limitKb: number | null;
  failcnt: number;
}

/** The memory-cgroup block. */
export interface Memcg extends Located {
  /** The cgroup whose limit was hit (`as a result of limit of`, `oom_memcg=`). */
  path?: string;
  /** The victim's cgroup (`Task in`, `task_memcg=`). */
  taskPath?: string;
  /** `memory:` */
  usageKb?: number;
  limitKb?: number | null;
  failcnt?: number;
  /** `memory+swap:` (v1) */
  memoryAndSwap?: MemcgCounter;
  /** `swap:` (v2) */
  swap?: MemcgCounter;
  /** `kmem:` (v1) */
  kmem?: MemcgCounter;
  /** Cgroup of the first stats block. */
  statsPath?: string;
  /** First stats block as printed: values in kB when `statsUnit` is Kb, else bytes and plain counts. */
  stats?: Record<string, number>;
  statsUnit?: 'Kb' | 'Bytes';
  /** True when the last key of the block was cut by the record limit. */
  statsTruncated?: boolean;
  /** v1 prints one stats line for every cgroup of the subtree; these follow the first. */
  children?: { path: string; stats: Record<string, number>; line: number }[];
  minProtectionKb?: number;
  lowProtectionKb?: number;
  /** `Tasks in <path> are going to be killed due to memory.oom.group set` */
  groupKill?: boolean;
}
