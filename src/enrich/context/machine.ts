/** What counters of another time confirm or contradict. */
import { BUFFER_HEADS_PER_SLAB_PAGE } from '../../kernel/struct-page.ts';
import { formatKb, kbToPages, pagesToKb } from '../../units.ts';
import { machineTotalKb } from '../accounting.ts';
import { fact, finding } from '../findings/finding.ts';
import { lowmemZones } from '../lowmem.ts';
import { zoneName } from '../replay.ts';
import { beside, type ContextRule, lowTold, toldKb } from './input.ts';

/** Totals of one machine differ by what is given back after boot; more than this is another amount of memory. */
const OTHER_RATIO = 0.05;

export const sameMemory: ContextRule = ({ report, replay, context }) => {
  const told = toldKb(context, 'memTotalKb', 'memory', 'totalKb');
  const totalKb = report.memInfo === undefined ? undefined : machineTotalKb(report, replay.pageSizeKb);
  if (!told?.exact || totalKb === undefined || told.kb !== totalKb) return undefined;
  const swap = toldKb(context, 'swapTotalKb', 'swap', 'totalKb');
  const alsoSwap = swap?.exact === true && swap.kb > 0 && swap.kb === report.totals?.totalSwapKb;
  return finding(
    'host-same-memory',
    `${told.source} shows exactly the report's ${told.kb} kB of memory${alsoSwap ? ` and ${swap.kb} kB of swap` : ''}.`,
    [
      beside(`${told.source} total, kB`, told.kb, told),
      fact('memory, kB', totalKb, report.totals?.line),
      ...(alsoSwap ? [beside(`${swap.source} swap total, kB`, swap.kb, swap)] : []),
    ],
  );
};

export const otherMemory: ContextRule = ({ report, replay, context }) => {
  const told = toldKb(context, 'memTotalKb', 'memory', 'totalKb');
  const totalKb = report.memInfo === undefined ? undefined : machineTotalKb(report, replay.pageSizeKb);
  // The printed totals are whole only when they were printed; nodes may be left out of the zones.
  if (!told || totalKb === undefined || report.totals?.ramPages === undefined) return undefined;
  if (Math.abs(told.kb - totalKb) <= totalKb * OTHER_RATIO) return undefined;
  return finding(
    'host-other-memory',
    `${told.source} shows ${formatKb(told.kb)} of memory, the report ${formatKb(totalKb)}: another machine, or its memory was changed.`,
    [beside(`${told.source} total, kB`, told.kb, told), fact('memory, kB', totalKb, report.totals.line)],
  );
};

/** `8 h 43 min`, `20 d 12 h` */
function duration(ms: number): string {
  const minutes = Math.trunc(ms / 60_000);
  const hours = Math.trunc(minutes / 60);
  return hours >= 24 ? `${Math.trunc(hours / 24)} d ${hours % 24} h` : `${hours} h ${minutes % 60} min`;
}

/** top says its uptime to the minute; an hour apart nothing but settings can be compared. */
const FAR_MS = 3_600_000;

export const otherUptime: ContextRule = ({ report, context }) => {
  const { uptime } = context.top;
  const { bootUs } = report.anchor;
  if (uptime === undefined || bootUs === undefined) return undefined;
  const aheadMs = bootUs / 1000 - uptime.ms;
  if (Math.abs(aheadMs) < FAR_MS) return undefined;
  const apart =
    aheadMs > 0
      ? `${duration(aheadMs)} before the report, or after a restart`
      : `${duration(-aheadMs)} after the report`;
  return finding(
    'host-other-uptime',
    `top was taken ${duration(uptime.ms)} after a boot, the report ${duration(bootUs / 1000)} after one: ${apart}.`,
    [beside('top uptime, ms', uptime.ms, uptime), fact('anchor.bootUs', bootUs, report.anchor.line)],
  );
};

export const lowmemThen: ContextRule = ({ report, lowmem, context }) => {
  const [total, free] = [lowTold(context, 'totalKb'), lowTold(context, 'freeKb')];
  if (lowmem === undefined || !total || !free || total.kb === 0) return undefined;
  const managed = lowmemZones(report).every((zone) => zone.managedKb !== undefined);
  const same = managed && total.exact && total.kb === lowmem.lowmemKb ? ', exactly as the report' : '';
  return finding(
    'host-lowmem',
    `${total.source} shows ${total.kb} kB of lowmem${same}, ${free.kb} kB of it free; in the report ${lowmem.lowmemFreeKb} kB were.`,
    [
      beside(`${total.source} lowmem, kB`, total.kb, total),
      beside(`${free.source} free lowmem, kB`, free.kb, free),
      fact('lowmem, kB', lowmem.lowmemKb, lowmemZones(report)[0]?.line),
    ],
  );
};

export const buffersThen: ContextRule = ({ report, lowmem, context }) => {
  const told = toldKb(context, 'buffersKb', 'memory', 'buffersKb');
  const zones = lowmemZones(report).filter((zone) => zone.inactiveFileKb !== undefined);
  if (lowmem === undefined || told === undefined || zones.length === 0) return undefined;
  const fileKb = zones.reduce((sum, zone) => sum + (zone.activeFileKb ?? 0) + (zone.inactiveFileKb ?? 0), 0);
  if (told.kb <= fileKb) return undefined;
  return finding(
    'host-buffers',
    `${told.source} shows ${told.kb} kB of buffers, cache of block devices that lies in lowmem; in the report all file cache of lowmem was ${fileKb} kB.`,
    [beside(`${told.source} buffers, kB`, told.kb, told), fact('file cache in lowmem, kB', fileKb, zones[0]?.line)],
  );
};

export const bufferHeadsThen: ContextRule = ({ report, replay, findings, context }) => {
  const pinned = findings.some(({ code }) => code === 'buffer-heads-pinned');
  const told = toldKb(context, 'cachedKb', 'memory', 'cachedKb');
  if (!pinned || told === undefined) return undefined;
  const pages = Math.ceil(kbToPages(told.kb, replay.pageSizeKb) / BUFFER_HEADS_PER_SLAB_PAGE);
  const slab = context.meminfo.slabReclaimableKb;
  const held = slab ? ` (SReclaimable: ${slab.value} kB)` : '';
  return finding(
    'host-buffer-heads',
    `${told.source} shows ${told.kb} kB of file cache, which need up to ${pagesToKb(pages, replay.pageSizeKb)} kB of buffer heads in lowmem${held}.`,
    [
      beside(`${told.source} cached, kB`, told.kb, told),
      slab && beside('SReclaimable, kB', slab.value, slab),
      fact('memInfo.inactiveFilePages', report.memInfo?.inactiveFilePages, report.memInfo?.line),
    ],
  );
};

export const blocksThen: ContextRule = ({ judgement, replay, context }) => {
  const order = replay.request?.order ?? 0;
  if (judgement.verdict !== 'fragmented' || order === 0) return undefined;
  const zone = replay.outcomes.find(({ decisive }) => decisive?.passes === false)?.zone;
  const row = zone && context.buddy.find(({ node, name }) => name === zone.name && node === (zone.node ?? 0));
  if (!zone || !row) return undefined;
  const blocks = row.counts.slice(order).reduce((sum, count) => sum + count, 0);
  return finding(
    'host-blocks',
    `/proc/buddyinfo shows ${blocks} free block${blocks === 1 ? '' : 's'} of order ${order} and above in ${zoneName(zone)} at its time.`,
    [beside(`buddyinfo ${zoneName(zone)}`, row.counts.join(' '), row)],
  );
};

export const largestThen: ContextRule = ({ report, context }) => {
  if (report.taskCount > 0) return undefined;
  const [largest] = context.top.processes.toSorted((a, b) => (b.residentKb ?? 0) - (a.residentKb ?? 0));
  if (largest?.residentKb === undefined) return undefined;
  return finding(
    'host-largest',
    `The report has no process table; the largest in top is ${largest.comm} (${largest.pid}) with ${formatKb(largest.residentKb)} resident.`,
    [beside('top RES, kB', largest.residentKb, largest)],
  );
};
