/** A fleet's reports in one terminal screen: the end of the embedded run. */
import { escapeTerminal } from './escape.ts';
import { bar, table } from './layout.ts';

export interface Counted {
  readonly value: string;
  readonly count: number;
}

export interface FleetSummary {
  readonly hosts: number;
  readonly lines: number;
  readonly seconds: number;
  readonly reports: number;
  readonly verdicts: readonly Counted[];
  readonly holders: readonly Counted[];
  readonly kernels: readonly Counted[];
  readonly victims: readonly Counted[];
  /** 32-bit hosts with HighMem that had a report. */
  readonly highmemHosts: readonly string[];
}

/** Counts as bars under a heading, the largest first, at most `most`. */
function counts(heading: string, counted: readonly Counted[], most: number): string[] {
  const largest = Math.max(1, ...counted.map(({ count }) => count));
  const rows = counted
    .slice(0, most)
    .map(({ value, count }) => [`  ${escapeTerminal(value)}`, String(count), bar(count / largest, 24)]);
  const rest = counted.length > most ? [`  and ${counted.length - most} more`] : [];
  return [heading, ...table(rows, new Set([1])), ...rest];
}

export function fleetScreen(summary: FleetSummary): string {
  const { hosts, lines, seconds, reports, highmemHosts } = summary;
  const rate = seconds > 0 ? Math.round(lines / seconds).toLocaleString('en') : '-';
  const blocks = [
    [
      `${hosts} hosts, ${lines.toLocaleString('en')} lines in ${seconds.toFixed(1)} s (${rate} lines/s), ${reports} OOM reports`,
    ],
    counts('Why memory ran out', summary.verdicts, 10),
    counts('What held it', summary.holders, 10),
    counts('Kernels', summary.kernels, 8),
    counts('Victims', summary.victims, 6),
    [
      `32-bit highmem hosts with an OOM: ${highmemHosts.length === 0 ? 'none' : highmemHosts.slice(0, 8).map(escapeTerminal).join(', ')}` +
        (highmemHosts.length > 8 ? ` and ${highmemHosts.length - 8} more` : ''),
    ],
  ];
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}
