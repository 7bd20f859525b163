/** A whole report, block by block, in the order in which the kernel prints them. */
import { isBefore } from '../../kernel/version.ts';
import { type Dialect, dialectOf } from '../dialect.ts';
import { type ReportState, vendorOfKernel } from '../state.ts';
import { printBuddy, printHugePages } from './buddy.ts';
import { printAllocationFailure, printCpuset, printTaskHeader, printTrace, printTrigger } from './header.ts';
import { printKills, printNoVictim, printPanicOnOom } from './kill.ts';
import { printMemInfo } from './mem-info.ts';
import { printMemcg, printProtection } from './memcg.ts';
import { printNodes } from './node.ts';
import { printRhel3Dump } from './rhel3.ts';
import { printSummary } from './summary.ts';
import { printSlabTable, printTasks } from './tasks.ts';
import { printAllocationSites, printTotals } from './totals.ts';
import { printZones } from './zone.ts';

function printMemory(state: ReportState, dialect: Dialect): string[] {
  return [
    ...printMemInfo(state, dialect),
    ...printNodes(state, dialect),
    ...printZones(state, dialect),
    ...printBuddy(state, dialect),
    ...printHugePages(state, dialect),
    ...printTotals(state, dialect),
    ...printAllocationSites(state, dialect),
  ];
}

/** 2.4 says `__alloc_pages: 0-order allocation failed (gfp=0x1d2/0)` and dumps nothing. */
const printFailure24 = ({ trigger }: ReportState): string[] => [
  `__alloc_pages: ${Math.max(0, trigger.order)}-order allocation failed (gfp=${trigger.gfpMask}/0)`,
];

function printDump(state: ReportState, dialect: Dialect): string[] {
  if (vendorOfKernel(state.kernel) === 'rhel3') return printRhel3Dump(state);
  if (isBefore(dialect.version, [2, 6, 0])) return printFailure24(state);
  const failure = state.ending === 'allocation-failure';
  const memory = printMemory(state, dialect);
  const memcg = printMemcg(state, dialect);
  const head = [
    ...(failure ? printAllocationFailure(state, dialect) : printTrigger(state, dialect)),
    ...printCpuset(state, dialect),
    ...printTaskHeader(state, dialect),
    ...printTrace(state, dialect),
  ];
  if (failure) return [...head, ...memory];
  const body = state.memcg && dialect.memcg === 'instead-of-mem-info' ? memcg : [...memcg, ...memory];
  return [
    ...head,
    ...body,
    ...printSlabTable(state, dialect),
    ...printProtection(state, dialect),
    ...printTasks(state, dialect),
  ];
}

/**
 * The report as printk records, without any prefix; a record may hold several lines, parted by newlines.
 *
 * Order of the blocks: mm/oom_kill.c dump_header and oom_kill_process, 2.6.9 to 7.1.
 */
export function printRecords(state: ReportState): string[] {
  const dialect = dialectOf(state.kernel);
  const sysrq = state.sysrq ? [`${dialect.sysrqLine}Manual OOM execution`] : [];
  switch (state.ending) {
    case 'kill':
      return [...sysrq, ...printDump(state, dialect), ...printSummary(state, dialect), ...printKills(state, dialect)];
    case 'no-victim':
      return [...sysrq, ...printDump(state, dialect), ...printNoVictim(state, dialect)];
    case 'panic-on-oom':
      return [...sysrq, ...printDump(state, dialect), ...printPanicOnOom(dialect)];
    case 'allocation-failure':
      return printDump(state, dialect);
    case 'kill-without-header':
      return [...printSummary(state, dialect), ...printKills(state, dialect)];
  }
}

/** The report as lines of kernel text, without any prefix. */
export const printReport = (state: ReportState): string[] =>
  printRecords(state).flatMap((record) => record.split('\n'));
