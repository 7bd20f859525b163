/** A report as text for people: one line per noun, so that a review sees what changed in a reading. */
import type { OomReport } from '../../src/domain.ts';

const MOST_ROWS = 4;

/** `key=value` pairs of a noun; nested values as JSON, line numbers last. */
function fields(noun: object): string {
  return Object.entries(noun)
    .filter(([key, value]) => value !== undefined && !/^(line|reserveLine|buddyLine)$/.test(key))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ');
}

const at = (noun: object): string => ('line' in noun ? `@${String(noun.line).padStart(3)} ` : '');

function block(name: string, nouns: readonly object[]): string[] {
  const shown = nouns.slice(0, MOST_ROWS).map((noun) => `${name.padEnd(10)} ${at(noun)}${fields(noun)}`);
  return nouns.length > MOST_ROWS ? [...shown, `${''.padEnd(10)} and ${nouns.length - MOST_ROWS} more`] : shown;
}

const single = (name: string, noun: object | undefined): string[] => (noun ? block(name, [noun]) : []);

export function reportPage(report: OomReport): string {
  const { kernel } = report;
  const blocks = [...Map.groupBy(report.lines, ({ block: name }) => name ?? '(foreign)')].map(
    ([name, list]) => `${name} ${list.length}`,
  );
  const lines = [
    `${report.action}, scope ${report.scope}, ${report.complete ? 'complete' : `missing ${report.missing.join(', ')}`}`,
    `kernel     ${fields({ ...kernel, evidence: undefined })}`,
    ...single('sysrq', report.sysrq),
    ...single('trigger', report.trigger),
    ...single('header', report.taskHeader),
    ...single('cpuset', report.cpuset),
    `trace      ${report.callTrace.map(({ symbol, reliable }) => (reliable ? symbol : `?${symbol}`)).join(' ')}`,
    ...block('per-cpu', report.perCpu),
    ...single('mem-info', report.memInfo),
    ...block('node', report.nodes),
    ...report.zones.flatMap((zone) => single('zone', zone)),
    ...block('hugepages', report.hugePages),
    ...single('totals', report.totals),
    ...single('memcg', report.memcg),
    ...block('slab', report.slabCaches),
    ...block('site', report.allocationSites),
    `tasks      ${report.taskCount} rows, columns ${report.taskColumns?.join(' ') ?? 'none'}`,
    ...block('task', report.tasks),
    ...single('summary', report.summary),
    ...block('selection', report.selections),
    ...block('kill', report.kills),
    ...block('reaped', report.reaped),
    ...block('note', report.notes),
    ...single('panic', report.panic),
    ...block('orphan', report.orphanReserves),
    ...block('issue', report.issues),
    `anchor     ${fields(report.anchor)}`,
    `lines      ${report.lines.length}, recognised ${report.recognisedLines}: ${blocks.join(', ')}`,
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
