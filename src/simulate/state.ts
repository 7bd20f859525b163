/** The plain state that a simulated kernel prints a report from: domain nouns without their line numbers. */
import type {
  AllocationSite,
  Frame,
  HugePages,
  Kill,
  Memcg,
  MemcgCounter,
  MemInfo,
  NodeInfo,
  PerCpu,
  Selection,
  SlabCache,
  Summary,
  Task,
  Totals,
  Vendor,
  Zone,
} from '../domain.ts';
import { parseVersion, type Version, vendorOf } from '../kernel/version.ts';

/** A domain noun before it was printed: it stands on no line yet. */
export type Unprinted<T> = Omit<T, 'line' | 'reserveLine' | 'buddyLine'>;

export const ARCHES = ['i386', 'x86_64', 'arm', 'arm64', 'ppc64'] as const;
export type Arch = (typeof ARCHES)[number];

export const is32Bit = (arch: Arch): boolean => arch === 'i386' || arch === 'arm';

/** The kernel that prints: its release decides every format, its configuration which lines exist. */
export interface KernelSpec {
  /** '3.2.59', '4.18.0-553.8.1.el8_10.x86_64'. */
  readonly release: string;
  /** What follows the release in the task header: '#21'. */
  readonly build: string;
  readonly arch: Arch;
  readonly pageSizeKb: 4 | 64;
  /** Columns of a buddy line: sizes of free blocks (MAX_ORDER). */
  readonly blockOrders: number;
  /** CONFIG_NUMA: zone lines begin with `Node N `. */
  readonly numa: boolean;
  readonly cpusets: boolean;
  readonly memcg: 'none' | 'v1' | 'v2';
  readonly thp: boolean;
  readonly cma: boolean;
  readonly hwpoison: boolean;
  /** CONFIG_HIGHMEM. */
  readonly highmem: boolean;
}

/** How the story ends. */
export const ENDINGS = ['kill', 'no-victim', 'panic-on-oom', 'allocation-failure', 'kill-without-header'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface TriggerState {
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly cpu: number;
  /** Lower-case hex with 0x. */
  readonly gfpMask: string;
  readonly gfpText: string;
  readonly order: number;
  readonly oomScoreAdj: number;
  readonly oomAdj: number;
  /** A node list, '(null)' where the kernel had none. */
  readonly nodemask: string;
}

export interface FrameState extends Unprinted<Frame> {
  readonly offset: number;
  readonly size: number;
}

export interface MemcgState extends Omit<Unprinted<Memcg>, 'memoryAndSwap' | 'swap' | 'kmem' | 'children'> {
  readonly memoryAndSwap?: Unprinted<MemcgCounter>;
  readonly swap?: Unprinted<MemcgCounter>;
  readonly kmem?: Unprinted<MemcgCounter>;
  readonly children?: readonly { readonly path: string; readonly stats: Readonly<Record<string, number>> }[];
}

export interface KillState extends Unprinted<Kill> {
  readonly pid: number;
  readonly uid: number;
}

/** Everything that one report is printed from. What a kernel's format does not name is not printed. */
export interface ReportState {
  readonly kernel: KernelSpec;
  readonly ending: Ending;
  /** True for a report asked for by sysrq-f. */
  readonly sysrq: boolean;
  readonly trigger: TriggerState;
  /** Taint letters as the kernel would set them, 'GC'; empty for `Not tainted`. */
  readonly taint: string;
  readonly hardware?: string;
  readonly workqueue?: string;
  readonly frames: readonly FrameState[];
  /** True when the trace ends in a user-mode register dump (4.15+). */
  readonly userRegisters: boolean;
  readonly cpusetName: string;
  readonly memsAllowed: string;
  readonly memInfo: Unprinted<MemInfo>;
  readonly perCpu: readonly Unprinted<PerCpu>[];
  readonly nodes: readonly Unprinted<NodeInfo>[];
  /** Every populated zone, also those that the kernel hides because the request may not use them. */
  readonly zones: readonly Unprinted<Zone>[];
  /** Name of the highest zone that the request may use. */
  readonly requestZone: string;
  readonly hugePages: readonly Unprinted<HugePages>[];
  readonly totals: Unprinted<Totals>;
  readonly memcg?: MemcgState;
  readonly slabCaches: readonly Unprinted<SlabCache>[];
  readonly allocationSites: readonly Unprinted<AllocationSite>[];
  /** vm.oom_dump_tasks. */
  readonly dumpTasks: boolean;
  readonly tasks: readonly Unprinted<Task>[];
  readonly summary: Unprinted<Summary>;
  /** The choice, where it is printed apart from the kill. */
  readonly selection?: Unprinted<Selection>;
  readonly kills: readonly KillState[];
  /** Victims whose memory the reaper reports as freed. */
  readonly reaped: boolean;
}

/** Version of a kernel; [0, 0, 0] when its release states none. */
export const versionOf = (kernel: KernelSpec): Version => parseVersion(kernel.release) ?? [0, 0, 0];

export const vendorOfKernel = (kernel: KernelSpec): Vendor | undefined => vendorOf(kernel.release);
