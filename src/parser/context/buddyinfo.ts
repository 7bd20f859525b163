/** /proc/buddyinfo (mm/vmstat.c frag_show). */
import type { HostBuddy } from '../../domain.ts';
import type { ContextLine } from './lines.ts';
import { isZoneName } from './zone-name.ts';

/** Orders of any kernel: 11 mostly, up to 16 with large pages. */
const MAX_ORDERS = 32;

/** `Node 0, zone   Normal    830     80      0      0      0      0      0      0      0      0      1` */
const ROW = /^Node (\d{1,4}), zone\s{1,16}([A-Za-z0-9]{1,16})\s{1,16}(\d[\d\s]{0,512})$/;

/** Free blocks by node and zone; of a zone that stands twice the first line counts. */
export function readBuddyinfo(lines: readonly ContextLine[]): HostBuddy[] {
  const rows = new Map<string, HostBuddy>();
  for (const { text, path, line } of lines) {
    const [, node, name, numbers] = ROW.exec(text) ?? [];
    if (node === undefined || name === undefined || numbers === undefined || !isZoneName(name)) continue;
    const counts = numbers.trim().split(/\s+/, MAX_ORDERS).map(Number);
    const key = `${node} ${name}`;
    if (!rows.has(key)) rows.set(key, { node: Number(node), name, counts, path, line });
  }
  return [...rows.values()];
}
