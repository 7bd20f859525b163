/** One report's answer as one terminal screen. */
import type { Analysis, Attempt, OomReport, Trigger, ZoneCheck } from '../domain.ts';
import { ATTEMPTS } from '../domain.ts';
import type { FindingCode } from '../tables/findings.ts';
import { formatKb } from '../units.ts';
import { escapeTerminal } from './escape.ts';
import { bar, labelled, table, wrap } from './layout.ts';

const WIDTH = 110;
const LABEL = 11;

/** How words are emphasised: ANSI on a terminal, nothing elsewhere. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
}

export const PLAIN: Style = { strong: (text) => text, bad: (text) => text, faint: (text) => text };

const ansi = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;

export const ANSI: Style = { strong: ansi(1, 22), bad: ansi(31, 39), faint: ansi(2, 22) };

/** The screen: verdict, zones against the three marks, what holds the memory, the kill, advice, what is missing. */
export function explainScreen(report: OomReport, analysis: Analysis, style: Style): string {
  const blocks = [
    headline(analysis, style),
    request(report, analysis),
    zoneTable(report, analysis, style),
    books(analysis),
    kill(report, analysis),
    findings(analysis),
    advice(analysis),
    gaps(report, analysis),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function headline(analysis: Analysis, style: Style): string[] {
  const held = analysis.holder === 'unknown' ? '' : `, memory held by ${analysis.holder}`;
  const also = analysis.contributing.length === 0 ? '' : ` with ${analysis.contributing.join(' and ')}`;
  const swap = analysis.swapState === 'unknown' ? '' : `, swap ${analysis.swapState}`;
  // The paragraph is made to stand alone and begins with the sentence; here both stand together.
  const { sentence, paragraph } = analysis;
  const rest = paragraph.startsWith(sentence) ? paragraph.slice(sentence.length).trim() : paragraph;
  return [
    `${style.strong(analysis.verdict)}${also}${held}${swap}  ${style.faint(`(confidence: ${analysis.confidence})`)}`,
    '',
    ...wrap(escapeTerminal(sentence), WIDTH).map(style.strong),
    ...wrap(escapeTerminal(rest), WIDTH),
  ];
}

function request(report: OomReport, analysis: Analysis): string[] {
  const { trigger, kernel } = report;
  const facts: [string, string][] = [];
  const place = [report.host && `host ${report.host}`, kernel.release && `kernel ${kernel.release}`];
  if (kernel.addressBits) place.push(`${kernel.addressBits} bit${kernel.pae ? ' PAE' : ''}`);
  const where = place.filter(Boolean).join(', ');
  if (where) facts.push(['Machine', where]);
  if (trigger) facts.push(['Request', requestText(report, trigger, analysis)]);
  return facts.flatMap(([label, text]) => labelled(label, escapeTerminal(text), LABEL, WIDTH));
}

/** Who asked for what; nobody did where SysRq or a fault handler called the killer. A cgroup's limit knows no zones. */
function requestText({ scope }: OomReport, trigger: Trigger, { verdict, gfp }: Analysis): string {
  const { pid, order, gfpMask } = trigger;
  const who = [trigger.name, pid !== undefined && `(pid ${pid})`].filter(Boolean).join(' ') || 'a task';
  if (verdict === 'manual') return `none; ${who} carried SysRq-F out`;
  if (verdict === 'page-fault') return `none printed; ${who} took a page fault`;
  const pages = order === undefined || order < 0 ? undefined : 2 ** order;
  const row = pages === 1 ? '1 page' : `${pages} pages in a row`;
  const size = pages === undefined ? 'memory' : `${row} (order ${order})`;
  const purpose = gfp?.purpose ? `, for ${gfp.purpose}` : '';
  const mask = gfpMask ? `, gfp_mask ${gfpMask}${gfp?.text ? ` = ${gfp.text}` : ''}` : '';
  const zones = gfp && scope !== 'memcg' ? `, from zone ${gfp.zone} downwards` : '';
  return `${who} asked for ${size}${purpose}${mask}${zones}`;
}

/** One cell: what the usable pages had to exceed and by how much they did or did not. */
function cell(check: ZoneCheck | undefined): string {
  if (!check) return '-';
  if (check.passes) return `> ${check.neededPages} ok (+${check.marginPages})`;
  if (check.failedBy === 'order') return `> ${check.neededPages} FAIL at order ${check.failedOrder ?? '?'}`;
  if (check.failedBy === 'empty-lists') return `> ${check.neededPages} FAIL (lists empty)`;
  return `> ${check.neededPages} FAIL ${check.marginPages === 0 ? '(equal)' : `(${check.marginPages})`}`;
}

function zoneTable(report: OomReport, analysis: Analysis, style: Style): string[] {
  if (analysis.checks.length === 0) return [];
  const nameOf = ({ node, zone }: { node?: number; zone: string }) =>
    node === undefined ? zone : `node ${node} ${zone}`;
  const byZone = Map.groupBy(analysis.checks, nameOf);
  const rows: string[][] = [['zone', 'free', 'usable', ...ATTEMPTS.map((attempt) => attempt.toUpperCase()), 'reserve']];
  for (const [name, checks] of byZone) {
    const of = (attempt: Attempt) => checks.find((check) => check.attempt === attempt);
    const any = of('min') ?? checks[0];
    const numbers = [String(any?.freePages ?? ''), String(any?.usablePages ?? '')];
    rows.push([name, ...numbers, ...ATTEMPTS.map((attempt) => cell(of(attempt))), String(any?.reservePages ?? '')]);
  }
  for (const zone of report.zones) {
    const name = nameOf({ ...(zone.node === undefined ? {} : { node: zone.node }), zone: zone.name });
    if (byZone.has(name)) continue;
    const freeKb = zone.freeKb ?? zone.buddyTotalKb;
    const free = freeKb === undefined ? '?' : String(Math.trunc(freeKb / analysis.pageSizeKb));
    rows.push([name, free, '-', 'out of reach of this request', '', '', '']);
  }
  const rule = analysis.watermarkRule ? `, rule of ${analysis.watermarkRule}` : '';
  return [
    `${style.strong('Zones')} ${style.faint(`in pages of ${analysis.pageSizeKb} kB; usable has to exceed mark + reserve${rule}`)}`,
    ...table(rows, new Set([1, 2, 6])).map((line) => (line.includes('FAIL') ? style.bad(line) : line)),
  ];
}

const MOST_ROWS = 9;

/** What holds the memory that was short: lowmem with what pins it, else the first book (the cgroup, the machine). */
function books(analysis: Analysis): string[] {
  const { lowmem } = analysis;
  const [account] = analysis.accounts;
  if (lowmem?.exhausted) {
    const free = { name: 'free', kb: lowmem.lowmemFreeKb, note: undefined };
    return book('lowmem', lowmem.lowmemKb, [...lowmem.pins, free]);
  }
  // A book without a class tells nothing: its statistics are lost.
  if (!account || account.entries.length === 0) return [];
  const rest = { name: 'unattributed', kb: account.unattributedKb };
  return book(account.place, account.totalKb, [...account.entries, rest]);
}

function book(
  place: string,
  totalKb: number,
  entries: readonly { name: string; kb: number; note?: string | undefined }[],
): string[] {
  const rows = entries
    .filter(({ kb }) => kb > 0)
    .sort((a, b) => b.kb - a.kb)
    .slice(0, MOST_ROWS)
    .map(({ name, kb, note }) => {
      const share = totalKb > 0 ? kb / totalKb : 0;
      return [`  ${name}`, formatKb(kb), `${(share * 100).toFixed(1)} %`, bar(share, 20), note ?? ''];
    });
  return [
    `What fills ${place === 'machine' ? 'the machine' : escapeTerminal(place)} (${formatKb(totalKb)})`,
    ...table(rows, new Set([1, 2])),
  ];
}

function kill(report: OomReport, analysis: Analysis): string[] {
  const { victim, lowmem } = analysis;
  if (!victim) return report.panic ? labelled('Panic', escapeTerminal(report.panic.text), LABEL, WIDTH) : [];
  const parts = [`${victim.comm}${victim.pid === undefined ? '' : ` (pid ${victim.pid})`}`];
  if (victim.rssKb !== undefined) parts.push(`${formatKb(victim.rssKb)} resident`);
  if (victim.score) parts.push(`badness ${victim.score.printed ?? victim.score.computed}`);
  if (report.kills.length > 1) parts.push(`one of ${report.kills.length} kills`);
  const lines = labelled('Killed', escapeTerminal(parts.join(', ')), LABEL, WIDTH);
  if (victim.why) lines.push(...labelled('Why it', escapeTerminal(victim.why), LABEL, WIDTH));
  const freed = lowmem?.killFreedLowmemKb;
  if (freed) {
    const amount = freed.max === 0 ? 'nothing' : `at most ${formatKb(freed.max)}`;
    const all =
      victim.rssKb === undefined ? '' : `; its ${formatKb(victim.rssKb)} are HighMem pages, of no use to this request`;
    lines.push(...labelled('Freed', `${amount} of lowmem${all}`, LABEL, WIDTH));
  } else if (victim.freed) {
    const kb = victim.freed.anonKb + victim.freed.fileKb + victim.freed.shmemKb;
    const note =
      victim.freed.shmemKb > 0 ? ` (${formatKb(victim.freed.shmemKb)} of it shared memory that may stay)` : '';
    const use = victim.freed.usable ? '' : ', none of it in a zone that this request may use';
    lines.push(...labelled('Freed', `up to ${formatKb(kb)}${note}${use}`, LABEL, WIDTH));
  }
  if (victim.largest && victim.isLargest === false) {
    const { comm, pid, rssKb } = victim.largest;
    lines.push(
      ...labelled('Largest', escapeTerminal(`${comm} (pid ${pid}), ${formatKb(rssKb)} resident`), LABEL, WIDTH),
    );
  }
  return lines;
}

/** Findings that other blocks of the screen show already. */
const SHOWN_ELSEWHERE: ReadonlySet<FindingCode> = new Set([
  'kills-nothing-usable',
  'highmem-free',
  'exact-equality',
  'swap-unusable',
  'buffer-heads-pinned',
]);

function findings(analysis: Analysis): string[] {
  const others = analysis.findings.filter(({ code }) => !SHOWN_ELSEWHERE.has(code));
  if (others.length === 0) return [];
  const lines = others.flatMap(({ sentence }) => labelled('  -', escapeTerminal(sentence), 4, WIDTH));
  return ['Also seen', ...lines];
}

/** The first are those with the most effect; the document has all. */
const MOST_ADVICE = 5;

function advice(analysis: Analysis): string[] {
  if (analysis.advice.length === 0) return [];
  const lines = analysis.advice.slice(0, MOST_ADVICE).flatMap(({ action, command, effect, risk, since }, i) => {
    const what = command ? `${action.replace(/\.$/, '')}: \`${command}\`.` : action;
    const text = [what, effect, risk && `Risk: ${risk}`, since && `(since ${since})`];
    return labelled(`  ${i + 1}.`, escapeTerminal(text.filter(Boolean).join(' ')), 5, WIDTH);
  });
  return ['What to do', ...lines];
}

function gaps(report: OomReport, analysis: Analysis): string[] {
  const lines: string[] = [];
  // The first reason is what speaks for the verdict, the others are what weakens it.
  const doubts = analysis.confidenceReasons.slice(1).join('; ');
  if (doubts) lines.push(...labelled('Doubts', escapeTerminal(doubts), LABEL, WIDTH));
  if (report.missing.length > 0) lines.push(...labelled('Missing', report.missing.join(', '), LABEL, WIDTH));
  const limits = analysis.limits.map(({ what, section }) => `${what} (needs ${section})`);
  if (limits.length > 0) lines.push(...labelled('Not done', escapeTerminal(limits.join('; ')), LABEL, WIDTH));
  const issues = Map.groupBy(report.issues, ({ code }) => code);
  const counted = [...issues].map(([code, list]) => `${code} (${list.length})`).join(', ');
  if (counted) lines.push(...labelled('Log', counted, LABEL, WIDTH));
  return lines;
}
