/**
 * Twins of real reports: the numbers that decide the answer are theirs, every name is invented, the tables are shortened. A
 * twin is written down in the kernel's own labels and printed by the simulator.
 */
import { MEM_INFO_FIELDS, NODE_FIELDS, TASK_COLUMNS, ZONE_FIELDS } from '../../../src/kernel/fields.ts';
import { type KernelSpec, printReport, type ReportState } from '../../../src/simulate/index.ts';

type Labels = Readonly<Record<string, string>>;

/** `active_anon:117913 inactive_anon:9942` as fields of a noun; every label has to be known. */
function fields(labels: Labels, text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const colon = word.lastIndexOf(':');
    const key = labels[word.slice(0, colon)];
    const value = Number(word.slice(colon + 1));
    if (key === undefined || !Number.isFinite(value)) throw new RangeError(`no field: ${word}`);
    found[key] = value;
  }
  return found;
}

export interface TwinZone {
  readonly node?: number;
  readonly name: string;
  /** `free:8056 min:8048 ...`, in kB. */
  readonly fields: string;
  readonly unreclaimable?: boolean;
  readonly reserve: readonly number[];
  /** Free blocks by order, with the letters of their types: `830 80UM 0 0 1M`. */
  readonly blocks: string;
}

export interface TwinNode {
  readonly node: number;
  readonly fields: string;
  readonly unreclaimable: boolean;
}

/** One row of the process table: pid, uid, name, and the other columns by their labels. */
export type TwinTask = readonly [pid: number, uid: number, comm: string, columns: string];

export interface TwinPlan {
  readonly kernel: Partial<KernelSpec> & Pick<KernelSpec, 'release' | 'arch'>;
  readonly ending?: ReportState['ending'];
  readonly trigger: Partial<ReportState['trigger']> & Pick<ReportState['trigger'], 'name' | 'gfpMask'>;
  /** Functions of the call trace, most recent first; `?` before those that are not reliable. */
  readonly frames: string;
  readonly sysrq?: boolean;
  readonly memsAllowed?: string;
  readonly memInfo?: string;
  /** `zone cpu high batch used`, one list each. */
  readonly perCpu?: readonly (readonly [
    zone: string,
    high: number,
    batch: number,
    used: readonly number[],
    node?: number,
  ])[];
  readonly nodes?: readonly TwinNode[];
  readonly zones?: readonly TwinZone[];
  readonly requestZone: string;
  readonly hugePages?: ReportState['hugePages'];
  readonly totals?: ReportState['totals'];
  readonly memcg?: ReportState['memcg'];
  readonly allocationSites?: ReportState['allocationSites'];
  readonly tasks?: readonly TwinTask[];
  readonly summary?: ReportState['summary'];
  readonly selection?: ReportState['selection'];
  readonly kills?: ReportState['kills'];
  /** Lines that begin like this were lost. */
  readonly lost?: readonly string[];
}

const FRAME_BYTES = 0x180;

/** Addresses, offsets and sizes say nothing and are made up. */
function framesOf(text: string, narrow: boolean): ReportState['frames'] {
  return text.split(/\s+/).map((word, index) => {
    const low = (0x131000 + index * 0x1c40).toString(16);
    const address = narrow ? `c0${low}` : `ffffffff81${low}`;
    return {
      symbol: word.replace(/^\?/, ''),
      address,
      offset: 0x2e + index,
      size: FRAME_BYTES,
      reliable: !word.startsWith('?'),
    };
  });
}

function zoneOf(zone: TwinZone, unitKb: number): ReportState['zones'][number] {
  const blocks = zone.blocks.split(' ').map((block) => /^(\d+)([A-Z]*)$/.exec(block));
  const buddyCounts = blocks.map((match) => Number(match?.[1] ?? 0));
  const hasTypes = /[A-Z]/.test(zone.blocks);
  return {
    ...(zone.node === undefined ? {} : { node: zone.node }),
    name: zone.name,
    ...fields(ZONE_FIELDS, zone.fields),
    ...(zone.unreclaimable === undefined ? {} : { allUnreclaimable: zone.unreclaimable }),
    lowmemReservePages: [...zone.reserve],
    buddyCounts,
    ...(hasTypes ? { buddyTypes: blocks.map((match) => match?.[2] ?? '') } : {}),
    buddyUnitKb: unitKb,
  };
}

/** The state that its kernel prints. */
export function twinState(plan: TwinPlan): ReportState {
  const { kernel, trigger } = plan;
  const zones = plan.zones ?? [];
  const spec: KernelSpec = {
    build: '#1 SMP',
    pageSizeKb: 4,
    blockOrders: zones[0]?.blocks.split(' ').length ?? 11,
    numa: zones.some(({ node }) => node !== undefined),
    cpusets: true,
    memcg: 'v1',
    thp: true,
    cma: true,
    hwpoison: true,
    highmem: false,
    ...kernel,
  };
  const memsAllowed = plan.memsAllowed ?? '0';
  return {
    kernel: spec,
    ending: plan.ending ?? 'kill',
    sysrq: plan.sysrq ?? false,
    trigger: {
      pid: 1000,
      uid: 0,
      cpu: 0,
      gfpText: '',
      order: 0,
      oomScoreAdj: 0,
      oomAdj: 0,
      nodemask: '(null)',
      ...trigger,
    },
    taint: '',
    frames: framesOf(plan.frames, spec.arch === 'i386' || spec.arch === 'arm'),
    userRegisters: false,
    cpusetName: '/',
    memsAllowed,
    memInfo: fields(MEM_INFO_FIELDS, plan.memInfo ?? ''),
    perCpu: (plan.perCpu ?? []).flatMap(([zone, highPages, batchPages, used, node]) =>
      used.map((usedPages, cpu) => ({
        ...(node === undefined ? {} : { node }),
        zone,
        cpu,
        highPages,
        batchPages,
        usedPages,
      })),
    ),
    nodes: (plan.nodes ?? []).map(({ node, unreclaimable, ...rest }) => ({
      node,
      ...fields(NODE_FIELDS, rest.fields),
      allUnreclaimable: unreclaimable,
    })),
    zones: zones.map((zone) => zoneOf(zone, spec.pageSizeKb)),
    requestZone: plan.requestZone,
    hugePages: plan.hugePages ?? [],
    totals: plan.totals ?? {},
    ...(plan.memcg ? { memcg: plan.memcg } : {}),
    slabCaches: [],
    allocationSites: plan.allocationSites ?? [],
    dumpTasks: plan.tasks !== undefined,
    tasks: (plan.tasks ?? []).map(([pid, uid, comm, columns]) => ({
      pid,
      uid,
      tgid: pid,
      comm,
      ...fields(TASK_COLUMNS, columns),
    })),
    summary: {
      constraint: 'CONSTRAINT_NONE',
      nodemask: '(null)',
      cpuset: '/',
      memsAllowed,
      globalOom: true,
      ...plan.summary,
    },
    ...(plan.selection ? { selection: plan.selection } : {}),
    kills: plan.kills ?? [],
    reaped: false,
  };
}

/** The twin as lines of kernel text. */
export function twinLines(plan: TwinPlan): string[] {
  const isLost = (line: string): boolean => (plan.lost ?? []).some((start) => line.trimStart().startsWith(start));
  return printReport(twinState(plan)).filter((line) => !isLost(line));
}
