/** Per-cpu page lists (up to 4.0): free pages that the zone's `free` does not count. */
import type { PerCpu } from '../../domain.ts';
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

/** More rows than any machine of that age prints: 16 nodes of 4 zones of 64 CPUs. */
const MAX_ROWS = 8192;

const HEADER = /^(?:Node (\d{1,4}) )?(DMA|DMA32|Normal|HighMem|Movable) per-cpu:( empty)?$/;
const ROW = /^CPU {1,6}(\d{1,5}): (?:Hot: )?hi: {0,6}(\d{1,9}), btch: {0,6}(\d{1,9}) usd: {0,6}(\d{1,9})/;
const COLD = /Cold: hi: {0,6}\d{1,9}, btch: {0,6}\d{1,9} usd: {0,6}(\d{1,9})/;
const OLD_ROW = /^cpu (\d{1,5}) (hot|cold): (?:low \d{1,9}, )?high (\d{1,9}), batch (\d{1,9})(?: used:(\d{1,9}))?/;

/** > | Node 0 Normal per-cpu: */
export const perCpuHeader: Section = {
  name: 'per-cpu',
  phase: PHASES.memory,
  since: '2.6.0',
  until: '4.0',
  source: 'mm/page_alloc.c show_free_areas',
  examples: ['Normal per-cpu:', 'Node 0 DMA32 per-cpu:', 'HighMem per-cpu: empty'],
  read(text) {
    if (!text.includes(' per-cpu:')) return undefined;
    const match = HEADER.exec(text.trim());
    const zone = match?.[2];
    if (zone === undefined) return undefined;
    const node = match?.[1];
    return {
      quality: 2,
      store(draft) {
        if (draft.zones.length > 0) return 'refused';
        draft.perCpuZone = { zone, ...(node === undefined ? {} : { node: Number(node) }) };
        return 'taken';
      },
    };
  },
};

/**
 * > | CPU    0: hi:  186, btch:  31 usd:  70
 *                                         ^ pages parked on the list
 * > | CPU    0: Hot: hi:  186, btch:  31 usd: 176   Cold: hi:   62, btch:  15 usd:  14
 */
export const perCpuRow: Section = {
  name: 'per-cpu',
  phase: PHASES.memory,
  since: '2.6.0',
  until: '4.0',
  source: 'mm/page_alloc.c show_free_areas',
  examples: [
    'CPU    0: hi:  186, btch:  31 usd:  70',
    'CPU    0: Hot: hi:  186, btch:  31 usd: 176   Cold: hi:   62, btch:  15 usd:  14',
    'cpu 0 hot: low 2, high 6, batch 1',
    'cpu 1 cold: high 62, batch 15 used:14',
  ],
  read(text) {
    const trimmed = text.trim();
    const code = trimmed.charCodeAt(0);
    if (code !== 67 && code !== 99) return undefined;
    const row = ROW.exec(trimmed);
    const old = row ? undefined : OLD_ROW.exec(trimmed);
    if (!row && !old) return undefined;
    const cpu = Number(row ? row[1] : old?.[1]);
    const cold = row ? COLD.exec(trimmed)?.[1] : undefined;
    const values = row
      ? { highPages: Number(row[2]), batchPages: Number(row[3]), usedPages: Number(row[4]) + Number(cold ?? 0) }
      : {
          highPages: Number(old?.[3]),
          batchPages: Number(old?.[4]),
          ...(old?.[5] === undefined ? {} : { usedPages: Number(old[5]) }),
        };
    const isCold = old?.[2] === 'cold';
    return {
      quality: 4,
      store(draft, line) {
        const place = draft.perCpuZone;
        if (!place || draft.zones.length > 0) return 'refused';
        const last = draft.perCpu.at(-1);
        const same = last?.cpu === cpu && last.zone === place.zone && last.node === place.node;
        if (same && isCold) {
          // The cold list of a hot list that was read before.
          if (values.usedPages !== undefined) last.usedPages = (last.usedPages ?? 0) + values.usedPages;
          return 'taken';
        }
        if (same) return 'duplicate';
        const read: PerCpu = { line, ...place, cpu, ...values };
        if (draft.perCpu.length < MAX_ROWS) draft.perCpu.push(read);
        return 'taken';
      },
    };
  },
};
