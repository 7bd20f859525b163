/** What stands beside a report: settings and counters that the host's own tools printed. */
import type { HostContext } from '../../domain.ts';
import { readBuddyinfo } from './buddyinfo.ts';
import { readFree } from './free.ts';
import { contextLines } from './lines.ts';
import { readMeminfo } from './meminfo.ts';
import { readSysctl } from './sysctl.ts';
import { readTop } from './top.ts';
import { readZoneinfo } from './zoneinfo.ts';

/**
 * The output of `sysctl vm`, /proc/meminfo, /proc/zoneinfo, /proc/buddyinfo, `free` and `top` anywhere in a text, among kernel
 * messages or alone; quoted, indented or behind a syslog header. Pure, never throws; `path` is where the text was read from.
 */
export function readContext(text: string, path = ''): HostContext {
  const lines = contextLines(text, path);
  return {
    vm: readSysctl(lines),
    meminfo: readMeminfo(lines),
    zones: readZoneinfo(lines),
    buddy: readBuddyinfo(lines),
    free: readFree(lines),
    top: readTop(lines),
  };
}

/** Several texts of one host as one context: of each kind of output the first text that has it counts. */
export function joinContexts(contexts: readonly HostContext[]): HostContext {
  const first = <T extends object>(read: (context: HostContext) => T, none: T): T =>
    contexts.map(read).find((part) => !isEmpty(part)) ?? none;
  return {
    vm: Object.assign({}, ...contexts.map(({ vm }) => vm).toReversed()),
    meminfo: first(({ meminfo }) => meminfo, {}),
    zones: first(({ zones }) => zones, []),
    buddy: first(({ buddy }) => buddy, []),
    free: first(({ free }) => free, {}),
    top: first(({ top }) => top, { processes: [] }),
  };
}

/** True when the text held no output of a known tool. */
export const isEmptyContext = (context: HostContext): boolean => Object.values(context).every(isEmpty);

const isEmpty = (part: object): boolean =>
  Object.values(part).every((value: unknown) => Array.isArray(value) && value.length === 0);
