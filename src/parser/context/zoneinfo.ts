/** /proc/zoneinfo (mm/vmstat.c zoneinfo_show_print, 2.6.13 to 7.1). */
import type { HostZone } from '../../domain.ts';
import type { ContextLine } from './lines.ts';
import { isZoneName } from './zone-name.ts';

type PageCount = Exclude<keyof HostZone, 'node' | 'name' | 'path' | 'line' | 'protectionPages'>;

const COUNTS: Readonly<Record<string, PageCount>> = {
  'pages free': 'freePages',
  boost: 'boostPages',
  min: 'minPages',
  low: 'lowPages',
  high: 'highPages',
  spanned: 'spannedPages',
  present: 'presentPages',
  managed: 'managedPages',
};

const HEAD = /^Node (\d{1,4}), zone\s{1,16}([A-Za-z0-9]{1,16})$/;
/** `pages free     2014`, `min      2012`; the per-cpu lists below write `high:  186`, with a colon. */
const COUNT = /^(pages free|[a-z]{3,8})\s{1,16}(\d{1,15})$/;
/** `protection: (0, 869, 32487, 32487)` */
const PROTECTION = /^protection: \(([\d, ]{1,256})\)$/;

/**
 *     Node 0, zone   Normal
 *       pages free     2014
 *             min      2012
 *             ...
 *             protection: (0, 0, 252949, 252949)
 *       pagesets
 *
 * Of a zone that stands twice the first block counts.
 */
export function readZoneinfo(lines: readonly ContextLine[]): HostZone[] {
  const zones = new Map<string, HostZone>();
  let open: HostZone | undefined;
  for (const { text, path, line } of lines) {
    const [, node, name] = HEAD.exec(text) ?? [];
    if (node !== undefined && name !== undefined) {
      open = undefined;
      if (!isZoneName(name) || zones.has(`${node} ${name}`)) continue;
      open = { node: Number(node), name, path, line };
      zones.set(`${node} ${name}`, open);
    } else if (open !== undefined) {
      // The counters that a zone keeps in pages end here; what follows are its per-cpu lists.
      if (text === 'pagesets') open = undefined;
      else readCount(open, text);
    }
  }
  return [...zones.values()].filter((zone) => zone.freePages !== undefined);
}

function readCount(zone: HostZone, text: string): void {
  const [, key, value] = COUNT.exec(text) ?? [];
  const field = key !== undefined && Object.hasOwn(COUNTS, key) ? COUNTS[key] : undefined;
  if (field !== undefined) zone[field] ??= Number(value);
  const protection = PROTECTION.exec(text)?.[1];
  if (protection !== undefined) zone.protectionPages ??= protection.split(',').map(Number);
}
