/** Findings about 32-bit hosts with HighMem. */
import { CLASSES } from '../accounting.ts';
import { cacheOverhead, lowmemZones } from '../lowmem.ts';
import { fact, finding, type Rule } from './finding.ts';

/** Thresholds are working values, not constants of the kernel. */
const LARGE_MEM_MAP_RATIO = 0.2;
const PINNING_SLAB_RATIO = 0.4;

export const highmemFree: Rule = ({ report, lowmem, judgement }) => {
  const freeKb = lowmem?.highmemFreeKb;
  if (judgement.verdict !== 'lowmem-exhausted' || freeKb === undefined) return undefined;
  return finding('highmem-free', `HighMem has ${freeKb} kB free, which a request for lowmem cannot use.`, [
    fact('highmem free, kB', freeKb, report.zones.find((zone) => zone.name === 'HighMem')?.line),
  ]);
};

export const bufferHeads: Rule = ({ report, replay, lowmem }) => {
  const overhead = cacheOverhead(report, replay.pageSizeKb);
  const slab = lowmem?.pins.find((pin) => pin.name === CLASSES.slabReclaimable);
  if (!overhead || !slab || !lowmem || overhead.bufferHeadKb > slab.kb) return undefined;
  if (slab.kb < lowmem.lowmemKb * PINNING_SLAB_RATIO || overhead.bufferHeadKb < slab.kb / 2) return undefined;
  return finding(
    'buffer-heads-pinned',
    `${overhead.filePages} cached file pages need ${overhead.bufferHeadKb} kB of buffer heads (at one per page) and ${overhead.radixNodeKb} kB of radix-tree nodes in lowmem; reclaim for lowmem does not scan the HighMem pages that pin them.`,
    [
      fact('memInfo.activeFilePages', report.memInfo?.activeFilePages, report.memInfo?.line),
      fact('memInfo.inactiveFilePages', report.memInfo?.inactiveFilePages, report.memInfo?.line),
      fact('reclaimable slab in lowmem, kB', slab.kb),
    ],
  );
};

export const memMapLarge: Rule = ({ report, lowmem }) => {
  if (lowmem?.memMapKb === undefined || lowmem.memMapKb < lowmem.lowmemKb * LARGE_MEM_MAP_RATIO) return undefined;
  return finding(
    'mem-map-large',
    `The page descriptors take ${lowmem.memMapKb} kB of lowmem, at ${lowmem.structPageBytes} bytes a page.`,
    [fact('totals.ramPages', report.totals?.ramPages, report.totals?.line), fact('lowmem, kB', lowmem.lowmemKb)],
  );
};

export const killsNothing: Rule = ({ report, victim, lowmem }) => {
  const freed = lowmem?.killFreedLowmemKb;
  if (!victim?.freed || victim.freed.usable || freed === undefined) return undefined;
  const anonLists = lowmemZones(report).reduce(
    (sum, zone) => sum + (zone.activeAnonKb ?? 0) + (zone.inactiveAnonKb ?? 0),
    0,
  );
  return finding(
    'kills-nothing-usable',
    `Killing ${victim.comm} frees no lowmem but its page tables and stack, at most ${freed.max} kB: its pages lie in HighMem.`,
    [
      fact('kills.anonRssKb', victim.freed.anonKb, report.kills[0]?.line),
      fact('anonymous memory in lowmem, kB', anonLists, lowmemZones(report)[0]?.line),
    ],
  );
};
