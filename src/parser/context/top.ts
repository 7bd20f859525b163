/** The summary and the table of `top`: procps 2 (`av`), 3.2 (`33204440k total`), 3.3 and 4 (`MiB Mem :`), busybox. */
import type { HostProcess, HostTop, HostUsage } from '../../domain.ts';
import type { ContextLine } from './lines.ts';
import { sizeOf } from './size.ts';

type Column = Exclude<keyof HostUsage, 'path' | 'line' | 'exact'>;

const LABELS: Readonly<Record<string, Column>> = {
  total: 'totalKb',
  av: 'totalKb',
  used: 'usedKb',
  free: 'freeKb',
  shrd: 'sharedKb',
  buffers: 'buffersKb',
  buff: 'buffersKb',
  cached: 'cachedKb',
  'cached Mem': 'cachedKb',
  'buff/cache': 'buffersAndCacheKb',
  'avail Mem': 'availableKb',
};

const MAX_PROCESSES = 10_000;

/** `top - 03:05:55 up  8:43,  2 users,`; `up 20 days, 12:18,`; `up 3 min,` */
const UPTIME = /^top - [\d:]{5,8} up\s{1,8}(?:(\d{1,5}) days?,\s{1,8})?(?:(\d{1,2}):(\d\d)|(\d{1,2}) min)?,/;
/** `Mem:  33204440k total, ...`, `KiB Swap:  1959892 total, ...`, `MiB Mem :   7822.9 total, ...` */
const SUMMARY = /^(?:([KMGTP])iB )?(Mem|Swap)\s?:\s{0,16}(\d.*)$/;
/** The number and its label, however they are set apart. */
const AMOUNT =
  /(\d{1,15}(?:[.,]\d{1,3})?[kmgt]?)\s{1,8}(total|av|used|free|shrd|buffers|buff\/cache|buff|cached Mem|cached|avail Mem)\b/gi;

/** The first `top` of the text; further screens of `top -b` are left out. */
export function readTop(lines: readonly ContextLine[]): HostTop {
  const top: HostTop = { processes: [] };
  for (const [index, line] of lines.entries()) {
    const { text } = line;
    if (text.startsWith('top - ')) top.uptime ??= uptimeOf(line);
    else if (text.startsWith('PID USER') && top.processes.length === 0) {
      top.processes = processesOf(text.split(/\s+/, 40), lines, index + 1);
    } else readSummary(top, line);
  }
  return top;
}

function uptimeOf({ text, path, line }: ContextLine): NonNullable<HostTop['uptime']> | undefined {
  const match = UPTIME.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, alone = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return { ms: ((days * 24 + hours) * 60 + minutes + alone) * 60_000, path, line };
}

/** In 3.3 and later the memory's `cached Mem` and `avail Mem` stand at the end of the swap line, in 3.2 its `cached`. */
function readSummary(top: HostTop, { text, path, line }: ContextLine): void {
  const [, letter, kind, rest] = SUMMARY.exec(text) ?? [];
  if (kind === undefined || rest === undefined) return;
  const key = kind === 'Mem' ? 'memory' : 'swap';
  if (top[key] !== undefined) return;
  const usage: HostUsage = { path, line, exact: true };
  let found = false;
  for (const [, number = '', label = ''] of rest.matchAll(AMOUNT)) {
    const size = sizeOf(number, letter ?? 'k');
    const column = Object.hasOwn(LABELS, label) ? LABELS[label] : undefined;
    if (size === undefined || column === undefined) continue;
    found = true;
    const ofMemory = key === 'swap' && (column === 'cachedKb' || column === 'availableKb');
    if (!ofMemory) usage[column] ??= size.kb;
    else if (top.memory) top.memory[column] ??= size.kb;
    if (!size.exact && size.kb > 0) usage.exact = false;
  }
  if (found) top[key] = usage;
}

/**
 *       PID USER      PR  NI  VIRT  RES  SHR S %CPU %MEM    TIME+  COMMAND
 *     21832 mailscan  20   0  165m 146m 2712 S  0.0  0.5   0:10.00 mailscand
 */
function processesOf(columns: readonly string[], lines: readonly ContextLine[], from: number): HostProcess[] {
  const at = (...names: string[]): number => columns.findIndex((column) => names.includes(column));
  const [virtual, resident, shared] = [at('VIRT', 'SIZE'), at('RES', 'RSS'), at('SHR', 'SHARE')];
  const command = at('COMMAND', 'Command');
  const processes: HostProcess[] = [];
  if (resident < 0 || command < 0) return processes;
  for (const { text, path, line } of lines.slice(from, from + MAX_PROCESSES)) {
    const words = text.split(/\s+/, 64);
    const [pid, user] = words;
    if (pid === undefined || user === undefined || !/^\d{1,10}$/.test(pid) || words.length <= command) break;
    const kb = (index: number): number | undefined => sizeOf(words[index] ?? '', 'k')?.kb;
    const [virtualKb, residentKb, sharedKb] = [kb(virtual), kb(resident), kb(shared)];
    processes.push({
      pid: Number(pid),
      user,
      comm: words.slice(command).join(' '),
      ...(virtualKb === undefined ? {} : { virtualKb }),
      ...(residentKb === undefined ? {} : { residentKb }),
      ...(sharedKb === undefined ? {} : { sharedKb }),
      path,
      line,
    });
  }
  return processes;
}
