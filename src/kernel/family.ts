/**
 * What a report tells about the kernel that printed it: the release of its task header, and bounds from what is printed.
 *
 * Enterprise kernels print newer formats than their number says; so each line is read by its own shape, and the shapes
 * bound the *format*, which is all that is asked when the release is lost.
 */
import type {
  Evidence,
  Frame,
  KernelFacts,
  Kill,
  Memcg,
  MemInfo,
  NodeInfo,
  PerCpu,
  Selection,
  SlabCache,
  Summary,
  TaskHeader,
  Totals,
  Trigger,
  Zone,
} from '../domain.ts';
import { compareVersions, parseVersion, type Version, vendorOf } from './version.ts';

/** The nouns of a report that say something about its kernel. */
export interface PrintedNouns {
  /** The trigger is the line of a page allocation failure. */
  readonly allocationFailure?: boolean;
  readonly trigger?: Trigger;
  readonly taskHeader?: TaskHeader;
  readonly callTrace: readonly Frame[];
  readonly memInfoHeader?: string;
  readonly memInfo?: MemInfo;
  readonly perCpu: readonly PerCpu[];
  readonly nodes: readonly NodeInfo[];
  readonly zones: readonly Zone[];
  readonly totals?: Totals;
  readonly memcg?: Memcg;
  readonly taskColumns?: readonly string[];
  readonly slabCaches: readonly SlabCache[];
  readonly summary?: Summary;
  readonly selections: readonly Selection[];
  readonly kills: readonly Kill[];
}

interface Sign {
  readonly field: string;
  readonly value: string | number;
  readonly line?: number;
  readonly since?: Version;
  /** Last release known to print it. */
  readonly until?: Version;
}

/** Facts about the kernel, each with the printed evidence that it rests on. Pure. */
export function kernelFacts(nouns: PrintedNouns): KernelFacts {
  const facts: KernelFacts = { evidence: [] };
  const release = nouns.taskHeader?.release;
  if (release !== undefined) {
    facts.release = release;
    const version = parseVersion(release);
    if (version) facts.version = version;
    const vendor = vendorOf(release);
    if (vendor) facts.vendor = vendor;
    facts.evidence.push(evidence('taskHeader.release', release, nouns.taskHeader?.line));
  }
  // Enterprise kernels mix formats of many releases: bounds from single lines would contradict each other.
  const mixed = facts.vendor !== undefined && facts.vendor !== 'rhel6';
  for (const sign of mixed ? [] : signsOf(nouns)) {
    if (sign.since && (!facts.since || compareVersions(sign.since, facts.since) > 0)) {
      facts.since = sign.since;
      facts.evidence.push(evidence(sign.field, sign.value, sign.line));
    }
    if (sign.until && (!facts.until || compareVersions(sign.until, facts.until) < 0)) {
      facts.until = sign.until;
      facts.evidence.push(evidence(sign.field, sign.value, sign.line));
    }
  }
  readMachine(nouns, facts);
  return facts;
}

const evidence = (field: string, value: string | number, line: number | undefined): Evidence =>
  line === undefined ? { field, value } : { field, value, line };

/** Bounds from what is printed; sources: the reference tables of formats by release. */
function* signsOf(nouns: PrintedNouns): Generator<Sign> {
  if (nouns.trigger) yield* nouns.allocationFailure ? failureSigns(nouns.trigger) : triggerSigns(nouns.trigger);
  yield* memorySigns(nouns);
  yield* tailSigns(nouns);
}

/** `0-order allocation failed` names no task and is 2.4; later forms name it. */
function* failureSigns(trigger: Trigger): Generator<Sign> {
  const { line } = trigger;
  if (trigger.gfpText !== undefined) yield { field: 'trigger.gfpText', value: trigger.gfpText, line, since: [4, 6, 0] };
  else if (trigger.name === undefined) yield { field: 'trigger.name', value: '', line, until: [2, 4, 999] };
}

function* triggerSigns(trigger: Trigger): Generator<Sign> {
  const { line } = trigger;
  if (trigger.name === undefined && trigger.oomAdj === undefined && trigger.oomScoreAdj === undefined) {
    yield { field: 'trigger.name', value: '', line, since: [2, 6, 9], until: [2, 6, 18] };
    if (trigger.order === undefined) yield { field: 'trigger.order', value: '', line, until: [2, 6, 12] };
  }
  if (trigger.oomAdj !== undefined && trigger.oomScoreAdj === undefined) {
    yield { field: 'trigger.oomAdj', value: trigger.oomAdj, line, since: [2, 6, 19], until: [2, 6, 35] };
  }
  if (trigger.oomAdj !== undefined && trigger.oomScoreAdj !== undefined) {
    yield { field: 'trigger.oomAdj', value: trigger.oomAdj, line, since: [2, 6, 36], until: [3, 7, 0] };
  }
  if (trigger.oomAdj === undefined && trigger.oomScoreAdj !== undefined) {
    yield { field: 'trigger.oomScoreAdj', value: trigger.oomScoreAdj, line, since: [3, 7, 0] };
  }
  if (trigger.gfpText !== undefined) yield { field: 'trigger.gfpText', value: trigger.gfpText, line, since: [4, 6, 0] };
  if (trigger.nodemask !== undefined) {
    yield { field: 'trigger.nodemask', value: trigger.nodemask, line, since: [4, 9, 0], until: [4, 20, 0] };
  }
  const era = gfpEra(trigger);
  if (era) yield { field: 'trigger.gfpMask', value: trigger.gfpMask ?? '', line, ...era };
}

/**
 * The era of a blocking request's mask: the reclaim bits moved in 4.4, 4.10, 4.17 and 5.1.
 * Source: include/linux/gfp.h of these releases.
 */
function gfpEra(trigger: Trigger): { since?: Version; until?: Version } | undefined {
  if (trigger.gfpMask === undefined) return undefined;
  const mask = Number.parseInt(trigger.gfpMask, 16);
  if (!Number.isSafeInteger(mask) || mask === 0 || trigger.gfpText?.includes('TRANSHUGE')) return undefined;
  const low = mask % 2 ** 32;
  // biome-ignore format: one row per era
  if ((low & 0xc00) === 0xc00) return { since: [5, 1, 0] };
  if ((low & 0x2400000) === 0x2400000) return { since: [4, 4, 0], until: [4, 9, 999] };
  if ((low & 0x1400000) === 0x1400000) return { since: [4, 10, 0], until: [4, 16, 999] };
  if ((low & 0x600000) === 0x600000) return { since: [4, 17, 0], until: [5, 0, 999] };
  return (low & 0x10) !== 0 ? { until: [4, 3, 999] } : undefined;
}

function* memorySigns(nouns: PrintedNouns): Generator<Sign> {
  const { memInfo, perCpu, memInfoHeader } = nouns;
  if (perCpu[0]) yield { field: 'perCpu', value: perCpu.length, line: perCpu[0].line, until: [4, 0, 0] };
  if (memInfo) {
    const { line } = memInfo;
    if (memInfo.activePages !== undefined)
      yield { field: 'memInfo.active', value: memInfo.activePages, line, until: [2, 6, 24] };
    if (memInfo.freeKb !== undefined) yield { field: 'memInfo.freeKb', value: memInfo.freeKb, line, until: [2, 6, 18] };
    if (memInfo.isolatedAnonPages !== undefined)
      yield { field: 'memInfo.isolatedAnon', value: memInfo.isolatedAnonPages, line, since: [2, 6, 32] };
    if (memInfo.unstablePages !== undefined)
      yield { field: 'memInfo.unstable', value: memInfo.unstablePages, line, until: [5, 7, 999] };
    if (memInfo.freePcpPages !== undefined)
      yield { field: 'memInfo.freePcp', value: memInfo.freePcpPages, line, since: [4, 1, 0] };
    if (memInfo.secPagetablesPages !== undefined)
      yield { field: 'memInfo.secPagetables', value: memInfo.secPagetablesPages, line, since: [6, 1, 0] };
    const split = memInfo.activeAnonPages !== undefined && memInfo.slabPages !== undefined;
    if (split)
      yield { field: 'memInfo.slab', value: memInfo.slabPages ?? 0, line, since: [2, 6, 25], until: [2, 6, 31] };
  }
  if (memInfoHeader === 'Mem-info:' && nouns.zones.some(({ name }) => name !== 'HighMem')) {
    const old = memInfo?.activePages !== undefined;
    if (old) yield { field: 'memInfoHeader', value: memInfoHeader, until: [2, 6, 24] };
  }
  if (nouns.nodes[0]) yield { field: 'nodes', value: nouns.nodes.length, line: nouns.nodes[0].line, since: [4, 8, 0] };
  for (const zone of nouns.zones) {
    const { line } = zone;
    if (zone.boostKb !== undefined) yield { field: 'zones.boost', value: zone.boostKb, line, since: [5, 16, 0] };
    if (zone.reservedHighatomicKb !== undefined)
      yield { field: 'zones.reservedHighatomic', value: zone.reservedHighatomicKb, line, since: [5, 5, 0] };
    if (zone.managedKb !== undefined) yield { field: 'zones.managed', value: zone.managedKb, line, since: [3, 7, 0] };
    if (zone.freePcpKb !== undefined) yield { field: 'zones.freePcp', value: zone.freePcpKb, line, since: [4, 1, 0] };
    if (zone.isolatedAnonKb !== undefined)
      yield { field: 'zones.isolatedAnon', value: zone.isolatedAnonKb, line, since: [2, 6, 32], until: [4, 7, 999] };
    const letters = zone.buddyTypes?.join('');
    if (letters?.includes('H')) yield { field: 'zones.buddyTypes', value: 'H', line, since: [4, 4, 0] };
    if (letters?.includes('R'))
      yield { field: 'zones.buddyTypes', value: 'R', line, since: [3, 7, 0], until: [4, 3, 999] };
  }
}

function* tailSigns(nouns: PrintedNouns): Generator<Sign> {
  const columns = nouns.taskColumns;
  if (columns) {
    const value = columns.join(' ');
    if (columns.includes('oom_adj')) yield { field: 'taskColumns', value, since: [2, 6, 25], until: [3, 5, 999] };
    if (columns.includes('nr_ptes')) yield { field: 'taskColumns', value, since: [3, 6, 0], until: [4, 14, 999] };
    if (columns.includes('pgtables_bytes')) yield { field: 'taskColumns', value, since: [4, 15, 0] };
    if (columns.includes('rss_anon')) yield { field: 'taskColumns', value, since: [6, 7, 0] };
  }
  const { memcg, summary } = nouns;
  if (memcg) {
    const { line } = memcg;
    if (memcg.statsUnit === 'Kb')
      yield { field: 'memcg.stats', value: 'KB', line, since: [3, 9, 0], until: [5, 2, 999] };
    if (memcg.statsUnit === 'Bytes') yield { field: 'memcg.stats', value: 'bytes', line, since: [5, 3, 0] };
    if (memcg.taskPath !== undefined)
      yield { field: 'memcg.taskPath', value: memcg.taskPath, line, since: [2, 6, 31], until: [4, 20, 999] };
    if (memcg.swap) yield { field: 'memcg.swap', value: memcg.swap.usageKb, line, since: [5, 2, 0] };
  }
  if (summary) yield { field: 'summary', value: summary.constraint ?? '', line: summary.line, since: [5, 0, 0] };
  for (const selection of nouns.selections) {
    yield {
      field: 'selections',
      value: selection.reason ?? '',
      line: selection.line,
      since: [2, 6, 18],
      until: [5, 1, 999],
    };
  }
  for (const kill of nouns.kills) yield* killSigns(kill);
}

function* killSigns(kill: Kill): Generator<Sign> {
  const { line, comm: value } = kill;
  const field = 'kills';
  if (kill.pid === undefined) yield { field, value, line, until: [2, 4, 999] };
  if (kill.oomScoreAdj !== undefined) yield { field, value, line, since: [5, 3, 0] };
  else if (kill.reason !== undefined && kill.shmemRssKb !== undefined) yield { field, value, line, since: [5, 0, 0] };
  if (kill.shmemRssKb !== undefined) yield { field, value, line, since: [4, 4, 0] };
  else if (kill.pid !== undefined && kill.reason === undefined)
    yield { field, value, line, since: [2, 6, 20], until: [5, 1, 999] };
  if (kill.totalVmKb !== undefined) yield { field, value, line, since: [2, 6, 33] };
  else if (kill.reason === 'Out of Memory') yield { field, value, line, until: [2, 6, 17] };
  else if (kill.reason !== undefined && kill.pid !== undefined) yield { field, value, line, since: [2, 6, 18] };
}

/** Width of an address, page size, PAE. */
function readMachine(nouns: PrintedNouns, facts: KernelFacts): void {
  const unitKb = nouns.zones.find((zone) => zone.buddyUnitKb !== undefined)?.buddyUnitKb;
  if (unitKb !== undefined) facts.pageSizeKb = unitKb;
  const address = nouns.callTrace.find((frame) => frame.address !== undefined)?.address;
  const release = facts.release ?? '';
  const names = new Set(nouns.zones.map((zone) => zone.name));
  const highmem = (nouns.totals?.highmemPages ?? 0) > 0 || names.has('HighMem');
  if (address !== undefined) {
    facts.addressBits = address.length > 8 ? 64 : 32;
    facts.evidence.push(evidence('callTrace.address', address, nouns.callTrace[0]?.line));
  } else if (/x86_64|amd64|aarch64|arm64|ppc64|s390x/.test(release) || names.has('DMA32')) facts.addressBits = 64;
  else if (/i[3-6]86|-pae\b|armv[4-7]|armhf/i.test(release) || highmem) facts.addressBits = 32;
  if (facts.addressBits !== 32) return;
  // 4 GB in pages of 4 kB: more needs page tables of three levels.
  if (/pae|bigmem|hugemem/i.test(release) || (nouns.totals?.ramPages ?? 0) > 2 ** 20) facts.pae = true;
}

/**
 * True for a 32-bit kernel whose HighMem zone holds memory. `N pages HighMem/MovableOnly` counts pages of ZONE_MOVABLE
 * as well, but only where that zone is made of high memory.
 */
export function hasHighmem32(facts: KernelFacts, zones: readonly Zone[], totals: Totals | undefined): boolean {
  if (facts.addressBits === 64) return false;
  if ((totals?.highmemPages ?? 0) > 0) return true;
  return zones.some(
    (zone) =>
      zone.name === 'HighMem' && ((zone.presentKb ?? 0) > 0 || (zone.buddyTotalKb ?? 0) > 0 || (zone.freeKb ?? 0) > 0),
  );
}
