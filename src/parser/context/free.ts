/** `free` of procps 3.2 (with its line for buffers and cache), 3.3 and 4. */
import type { HostFree, HostUsage } from '../../domain.ts';
import type { ContextLine } from './lines.ts';
import { sizeOf } from './size.ts';

type Column = Exclude<keyof HostUsage, 'path' | 'line' | 'exact'>;

const COLUMNS: Readonly<Record<string, Column>> = {
  total: 'totalKb',
  used: 'usedKb',
  free: 'freeKb',
  shared: 'sharedKb',
  buffers: 'buffersKb',
  cached: 'cachedKb',
  cache: 'cachedKb',
  'buff/cache': 'buffersAndCacheKb',
  available: 'availableKb',
};

const ROWS: Readonly<Record<string, keyof HostFree>> = {
  'Mem:': 'memory',
  'Low:': 'low',
  'High:': 'high',
  'Swap:': 'swap',
};

/** Rows that free may print between these: `-/+ buffers/cache:`, `Total:`, `Comm:`. */
const OTHER_ROW = /^(?:-\/\+ buffers\/cache:|Total:|Comm:)/;

/** `$ free -m`: the unit is nowhere else. */
const COMMAND = /(?:^|[\s$#>])free((?: -[-a-z]{1,12})*)$/;

/**
 *                  total       used       free     shared    buffers     cached
 *     Mem:      33204440   32688600     515840          0     108124   31648080
 *     Low:        563620     555100       8520                                    <- free -l
 *
 * The first table counts. Bare numbers are kB unless the command line above says otherwise.
 */
export function readFree(lines: readonly ContextLine[]): HostFree {
  const free: HostFree = {};
  for (const [index, line] of lines.entries()) {
    const names = line.text.split(/\s+/, 12);
    if (names[0] !== 'total' || names[1] !== 'used' || names[2] !== 'free') continue;
    const unit = unitOf(lines[index - 1]?.text);
    for (const row of lines.slice(index + 1, index + 8)) {
      const [label, ...words] = row.text.split(/\s+/, 12);
      const key = label !== undefined && Object.hasOwn(ROWS, label) ? ROWS[label] : undefined;
      if (key !== undefined) free[key] ??= usageOf(row, names, words, unit);
      else if (!OTHER_ROW.test(row.text)) break;
    }
    if (free.memory) break;
  }
  return free;
}

function unitOf(command: string | undefined): string {
  const options = COMMAND.exec(command ?? '')?.[1] ?? '';
  for (const [unit, pattern] of [
    ['b', /-(?:[a-z]*b|-bytes)/],
    ['m', /-(?:[a-z]*m|-mebi|-mega)/],
    ['g', /-(?:[a-z]*g|-gibi|-giga)/],
  ] as const) {
    if (pattern.test(options)) return unit;
  }
  return 'k';
}

function usageOf(
  { path, line }: ContextLine,
  names: readonly string[],
  words: readonly string[],
  unit: string,
): HostUsage {
  const usage: HostUsage = { path, line, exact: true };
  for (const [index, word] of words.entries()) {
    const name = names[index];
    const column = name !== undefined && Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    const size = sizeOf(word, unit);
    if (column === undefined || size === undefined) continue;
    usage[column] = size.kb;
    if (!size.exact && size.kb > 0) usage.exact = false;
  }
  return usage;
}
