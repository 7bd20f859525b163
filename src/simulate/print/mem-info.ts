/** `Mem-Info:`: per-cpu lists and the global counts. */
import type { PerCpu } from '../../domain.ts';
import { MEM_INFO_FIELDS } from '../../kernel/fields.ts';
import { isBefore } from '../../kernel/version.ts';
import { pagesToKb } from '../../units.ts';
import type { Dialect } from '../dialect.ts';
import { type ReportState, type Unprinted, vendorOfKernel } from '../state.ts';
import { globalBlockLayout } from './layouts.ts';
import { right } from './text.ts';

/** `Node 0 ` on NUMA kernels, nothing elsewhere. */
export const nodePrefix = (state: ReportState, node: number | undefined): string =>
  state.kernel.numa ? `Node ${node ?? 0} ` : '';

/** `CPU    0: hi:  186, btch:  31 usd:  70` and its predecessors. */
function perCpuRow(row: Unprinted<PerCpu>, style: Dialect['perCpu']): string[] {
  const high = row.highPages ?? 0;
  const batch = row.batchPages ?? 0;
  const used = row.usedPages ?? 0;
  // The cold list of the kernels that have one is a third of the hot list.
  const coldHigh = Math.trunc(high / 3);
  const coldBatch = Math.max(1, Math.trunc(batch / 2));
  const coldUsed = Math.trunc(used / 4);
  const hotUsed = used - coldUsed;
  switch (style) {
    case 'one':
      return [`CPU ${right(row.cpu, 4)}: hi:${right(high, 5)}, btch:${right(batch, 4)} usd:${right(used, 4)}`];
    case 'hot-cold-line': {
      const hot = `Hot: hi:${right(high, 5)}, btch:${right(batch, 4)} usd:${right(hotUsed, 4)}`;
      const cold = `Cold: hi:${right(coldHigh, 5)}, btch:${right(coldBatch, 4)} usd:${right(coldUsed, 4)}`;
      return [`CPU ${right(row.cpu, 4)}: ${hot}   ${cold}`];
    }
    case 'hot-cold':
      return [
        `cpu ${row.cpu} hot: high ${high}, batch ${batch} used:${hotUsed}`,
        `cpu ${row.cpu} cold: high ${coldHigh}, batch ${coldBatch} used:${coldUsed}`,
      ];
    case 'hot-cold-low':
      return [
        `cpu ${row.cpu} hot: low ${Math.trunc(high / 3)}, high ${high}, batch ${batch}`,
        `cpu ${row.cpu} cold: low 0, high ${coldHigh}, batch ${coldBatch}`,
      ];
    case 'none':
      return [];
  }
}

function perCpuBlock(state: ReportState, dialect: Dialect): string[] {
  if (dialect.perCpu === 'none') return [];
  const records: string[] = [];
  for (const zone of state.zones) {
    const rows = state.perCpu.filter((row) => row.zone === zone.name && (row.node ?? 0) === (zone.node ?? 0));
    const populated = (zone.presentKb ?? 0) > 0;
    if (!populated && !dialect.emptyZones) continue;
    records.push(`${nodePrefix(state, zone.node)}${zone.name} per-cpu:${populated ? '' : ' empty'}`);
    for (const row of rows) records.push(...perCpuRow(row, dialect.perCpu));
  }
  return records;
}

/** The records from `Mem-Info:` to the end of the global counts; the counts are one record of several lines. */
export function printMemInfo(state: ReportState, dialect: Dialect): string[] {
  const records: string[] = dialect.memInfoHeader === 'none' ? [] : [dialect.memInfoHeader];
  records.push(...perCpuBlock(state, dialect));
  const { memInfo } = state;
  if (isBefore(dialect.version, [2, 6, 20])) {
    const freeKb = memInfo.freeKb ?? pagesToKb(memInfo.freePages ?? 0, state.kernel.pageSizeKb);
    const text = `Free pages: ${right(freeKb, 11)}kB (${memInfo.freeHighmemKb ?? 0}kB HighMem)`;
    records.push(isBefore(dialect.version, [2, 6, 18]) ? `\n${text}` : text);
  }
  const layout = globalBlockLayout(dialect.formats, vendorOfKernel(state.kernel));
  const lines = layout.map((labels) =>
    labels
      .map((label) => {
        const key = MEM_INFO_FIELDS[label];
        return `${label}:${(key && memInfo[key]) ?? 0}`;
      })
      .join(' '),
  );
  records.push(lines.join('\n '));
  return records;
}
