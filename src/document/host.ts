/** The inventory: one document per host, with the facts of its newest boot. */
import type { Analysis, HostFacts, OomReport } from '../domain.ts';
import { isNameless } from '../kernel/host-name.ts';
import { formatVersion, parseVersion, vendorOf } from '../kernel/version.ts';
import type { DocumentWrite } from '../ports.ts';
import { formatKb } from '../units.ts';
import { architectureOf } from './event.ts';
import type { Leaves } from './fields.ts';
import { ECS_VERSION } from './fields-ecs.ts';
import { HOST_FIELDS } from './fields-host.ts';
import { isUsableTime, labelsOf, nestLeaves } from './leaves.ts';
import { bytesOfKb, totalKb } from './memory.ts';

/** What names of the inventory's indices begin with. */
export const HOST_INDEX_PREFIX = 'oom-host-';

/** The index of the inventory: one, without months; another number would be another mapping behind the same alias. */
export const HOST_INDEX = `${HOST_INDEX_PREFIX}1`;

/** Longer names are no host's. */
const MAX_HOST = 253;

/** Ids of Elasticsearch end at 512 bytes; a UTF-16 unit outside ASCII takes up to three. One longer spoils its bulk request. */
const MAX_WIDE_HOST = 170;

const isId = (host: string): boolean =>
  !isNameless(host) && host.length <= (/[^ -~]/.test(host) ? MAX_WIDE_HOST : MAX_HOST) && host.isWellFormed();

/**
 * The write of a host's document; undefined where the facts do not tell whether the host has HighMem, so that whichever
 * write wins knows what the inventory is asked for, where they contradict each other, and where the host has no name of its
 * own, so that strangers do not share a document. See docs/decisions/0011-host-inventory.md for the version.
 */
export function toHostWrite(facts: HostFacts): DocumentWrite | undefined {
  const { host, highmem, addressBits } = facts;
  if (!isId(host) || highmem === undefined || (highmem && addressBits === 64)) return undefined;
  const document = nestLeaves(hostLeaves(facts), HOST_FIELDS);
  return {
    id: host,
    index: HOST_INDEX,
    version: versionOf(facts, document),
    document,
    supersedes: [],
    positions: facts.positions,
  };
}

/**
 * What a report tells of its host; undefined where it cannot tell whether the host has HighMem: a report of a memory cgroup,
 * one that was cut before the totals, which come after the last zone, and a page allocation failure, which is no OOM (the
 * canary's is one).
 */
export function hostFactsOf(report: OomReport, analysis: Analysis): HostFacts | undefined {
  const { kernel, totals, highmem32, firstPosition, lastPosition } = report;
  const { lowmem, pageSizeKb } = analysis;
  const isTold = highmem32 || kernel.addressBits === 64 || totals?.highmemPages !== undefined;
  if (!isTold || report.action === 'page-allocation-failure') return undefined;
  // The trigger line, so that a reading without the kill line is of the same instant.
  const anchor = report.triggerAnchor ?? report.anchor;
  // As printed: the sum of the zones differs from it, and would outrank it by chance.
  const memoryKb = totals?.ramPages === undefined ? undefined : totalKb(report, pageSizeKb);
  return {
    host: report.host,
    source: 'report',
    isWhole: report.trigger !== undefined,
    trust: report.trust,
    positions: { first: firstPosition, last: lastPosition },
    highmem: highmem32,
    ...(anchor.observedAtMs === undefined ? {} : { seenAtMs: anchor.observedAtMs }),
    ...(anchor.timeSource === undefined ? {} : { timeSource: anchor.timeSource }),
    ...(anchor.bootUs === undefined ? {} : { uptimeUs: anchor.bootUs }),
    ...(report.hostId === undefined ? {} : { hostId: report.hostId }),
    ...(report.bootId === undefined ? {} : { bootId: report.bootId }),
    ...(report.labels === undefined ? {} : { labels: report.labels }),
    ...(kernel.release === undefined ? {} : { release: kernel.release }),
    ...(kernel.addressBits === undefined ? {} : { addressBits: kernel.addressBits }),
    ...(kernel.pae === undefined ? {} : { pae: kernel.pae }),
    ...(kernel.pageSizeKb === undefined ? {} : { pageSizeKb: kernel.pageSizeKb }),
    ...(memoryKb === undefined ? {} : { totalKb: memoryKb }),
    ...(lowmem?.highmemKb === undefined ? {} : { highmemKb: lowmem.highmemKb }),
    ...(lowmem === undefined ? {} : { lowmemKb: lowmem.lowmemKb }),
  };
}

function hostLeaves(facts: HostFacts): Leaves {
  const { host, release, pageSizeKb } = facts;
  const version = release === undefined ? undefined : parseVersion(release);
  return {
    '@timestamp': facts.seenAtMs,
    message: sentenceOf(facts),
    'ecs.version': ECS_VERSION,
    'event.kind': 'state',
    'event.category': ['host'],
    'event.type': ['info'],
    'event.action': 'host-seen',
    'event.module': 'oom',
    'event.dataset': 'oom.host',
    'event.id': host,
    'host.name': host,
    'host.id': facts.hostId,
    'host.boot.id': facts.bootId,
    'host.architecture': architectureOf(release),
    'host.os.type': 'linux',
    'host.os.kernel': release,
    'related.hosts': [host],
    'oom.host.source': facts.source,
    'oom.host.booted': bootedMs(facts),
    'oom.host.firmware_bytes': bytesOfKb(facts.firmwareKb),
    'oom.trust': facts.trust,
    'oom.time_source': facts.timeSource,
    'oom.kernel.version': version && formatVersion(version),
    'oom.kernel.vendor': release === undefined ? undefined : vendorOf(release),
    'oom.kernel.address_bits': facts.addressBits,
    'oom.kernel.pae': facts.pae,
    'oom.page_size_bytes': bytesOfKb(pageSizeKb),
    'oom.memory.total_bytes': bytesOfKb(facts.totalKb),
    'oom.highmem.present': facts.highmem,
    'oom.highmem.total_bytes': bytesOfKb(facts.highmemKb),
    'oom.lowmem.total_bytes': bytesOfKb(facts.lowmemKb),
    'oom.labels': labelsOf(facts.labels),
  };
}

/** `db07 runs Linux 3.2.59 with 32 bits: 869 MiB of low memory below 31.0 GiB of HighMem.` */
function sentenceOf({
  host,
  release,
  addressBits,
  totalKb: memoryKb,
  lowmemKb,
  highmemKb,
  highmem,
}: HostFacts): string {
  const kernel = `${host} runs Linux${release === undefined ? '' : ` ${release}`}${addressBits === undefined ? '' : ` with ${addressBits} bits`}`;
  if (highmem && lowmemKb !== undefined && highmemKb !== undefined) {
    return `${kernel}: ${formatKb(lowmemKb)} of low memory below ${formatKb(highmemKb)} of HighMem.`;
  }
  const memory = memoryKb === undefined ? '' : ` and ${formatKb(memoryKb)} of memory`;
  return `${kernel}${memory}, ${highmem ? 'with' : 'without'} HighMem.`;
}

/** A report without a kernel stamp does not tell, and neither do lines of a boot that were read long after it. */
function bootedMs({ source, seenAtMs, uptimeUs, isLate }: HostFacts): number | undefined {
  if (seenAtMs === undefined || isLate) return undefined;
  if (source === 'boot') return seenAtMs;
  return uptimeUs === undefined ? undefined : Math.floor(seenAtMs - uptimeUs / 1000);
}

/** How far a clock that counts from boot may be off: a thousandth, and ten minutes in which the log began late. */
const UPTIME_DRIFT = 0.001;
const LATE_LOG_MS = 600_000;

/**
 * The instant by which writes are ordered, in ms: that of the boot. A report's lies before any that the lines of the same
 * boot can state, and after all of an earlier boot that was not shortly before. What cannot tell its boot, a report without
 * a kernel stamp and lines that were read long after theirs, ranks among its like by its time, below everything that can.
 * What lost its first line ranks lower still: it must not outrank a reading that has it by the moment between two lines.
 */
function rankMs({ source, isWhole, seenAtMs, uptimeUs, isLate }: HostFacts): number {
  if (!isUsableTime(seenAtMs)) return 0;
  if (source === 'boot' && !isLate) return Math.max(0, seenAtMs - (isWhole ? 0 : LATE_LOG_MS));
  if (!isWhole) return seenAtMs / 8;
  if (uptimeUs === undefined) return seenAtMs / 4;
  return Math.max(0, seenAtMs - (uptimeUs / 1000) * (1 + UPTIME_DRIFT) - LATE_LOG_MS);
}

/**
 * The version in the 53 bits of the integers that JSON numbers hold: 33 of the rank in seconds, up to the year 2242; 4 of
 * the number of facts; 16 of a hash of the document, which tells different ones of equal rank apart, so that their order
 * does not matter.
 */
function versionOf(facts: HostFacts, document: Readonly<Record<string, unknown>>): number {
  const rank = Math.min(2 ** 33 - 1, Math.floor(rankMs(facts) / 1000));
  const known = COUNTED.filter((name) => facts[name] !== undefined).length;
  return (rank * 16 + known) * 2 ** 16 + hash16(JSON.stringify(document));
}

/** The facts that one reading of a boot may have and another lack; no more than 15. */
const COUNTED = [
  'timeSource',
  'uptimeUs',
  'hostId',
  'bootId',
  'labels',
  'release',
  'addressBits',
  'pae',
  'pageSizeKb',
  'totalKb',
  'firmwareKb',
  'highmemKb',
  'lowmemKb',
] as const satisfies readonly (keyof HostFacts)[];

/** 0 to 65,535: FNV-1a over UTF-16 units, folded. */
function hash16(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return ((hash >>> 16) ^ hash) & 0xffff;
}
