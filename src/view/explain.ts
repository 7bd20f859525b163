/** One report's answer as one terminal screen. */
import type { Analysis, Attempt, OomReport, ZoneCheck } from '../domain.ts';
import { ATTEMPTS } from '../domain.ts';
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
  const swap = analysis.swapState === 'unknown' ? '' : `, swap ${analysis.swapState}`;
  return [
    `${style.strong(analysis.verdict)}${held}${swap}  ${style.faint(`(confidence: ${analysis.confidence})`)}`,
    '',
    ...wrap(escapeTerminal(analysis.sentence), WIDTH),
    '',
    ...wrap(escapeTerminal(analysis.paragraph), WIDTH),
  ];
}

function request(report: OomReport, analysis: Analysis): string[] {
  const { trigger, kernel } = report;
  const facts: [string, string][] = [];
  const place = [report.host && `host ${report.host}`, kernel.release && `kernel ${kernel.release}`];
  if (kernel.addressBits) place.push(`${kernel.addressBits} bit${kernel.pae ? ' PAE' : ''}`);
  const where = place.filter(Boolean).join(', ');
  if (where) facts.push(['Machine', where]);
  if (trigger) {
    const who = [trigger.name, trigger.pid !== undefined && `(pid ${trigger.pid})`].filter(Boolean).join(' ');
    const pages = trigger.order === undefined || trigger.order < 0 ? undefined : 2 ** trigger.order;
    const size = pages === undefined ? '' : ` ${pages} page${pages === 1 ? '' : 's'} in a row (order ${trigger.order})`;
    const gfp = trigger.gfpMask ? `, gfp_mask ${trigger.gfpMask}${analysis.gfp ? ` = ${analysis.gfp.text}` : ''}` : '';
    const purpose = analysis.gfp?.purpose ? `, for ${analysis.gfp.purpose}` : '';
    const zones = analysis.gfp ? `, from zone ${analysis.gfp.zone} downwards` : '';
    facts.push(['Request', `${who || 'a task'} asked for${size || ' memory'}${purpose}${gfp}${zones}`]);
  }
  return facts.flatMap(([label, text]) => labelled(label, escapeTerminal(text), LABEL, WIDTH));
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

function books(analysis: Analysis): string[] {
  const [account] = analysis.accounts;
  if (!account) return [];
  const entries = [...account.entries].filter(({ kb }) => kb > 0).sort((a, b) => b.kb - a.kb);
  if (account.unattributedKb > 0) entries.push({ name: 'unattributed', kb: account.unattributedKb });
  const rows = entries.slice(0, 9).map(({ name, kb }) => {
    const share = account.totalKb > 0 ? kb / account.totalKb : 0;
    return [`  ${name}`, formatKb(kb), `${(share * 100).toFixed(1)} %`, bar(share, 30)];
  });
  const lines = [
    `What fills ${escapeTerminal(account.place)} (${formatKb(account.totalKb)})`,
    ...table(rows, new Set([1, 2])),
  ];
  const pins = analysis.lowmem?.pins ?? [];
  for (const pin of pins.slice(0, 4)) {
    lines.push(...labelled('', `${pin.name}: ${formatKb(pin.kb)}${pin.note ? `, ${pin.note}` : ''}`, 2, WIDTH));
  }
  return lines;
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

function findings(analysis: Analysis): string[] {
  if (analysis.findings.length === 0) return [];
  const lines = analysis.findings.flatMap(({ sentence }) => labelled('  -', escapeTerminal(sentence), 4, WIDTH));
  return ['Also seen', ...lines];
}

function advice(analysis: Analysis): string[] {
  if (analysis.advice.length === 0) return [];
  const lines = analysis.advice.flatMap(({ action, command, effect, risk, since }, i) => {
    const text = [`${action}${command ? `: ${command}` : ''}.`, effect, risk && `Risk: ${risk}`, since && `(${since})`];
    return labelled(`  ${i + 1}.`, escapeTerminal(text.filter(Boolean).join(' ')), 5, WIDTH);
  });
  return ['What to do', ...lines];
}

function gaps(report: OomReport, analysis: Analysis): string[] {
  const lines: string[] = [];
  if (report.missing.length > 0) lines.push(...labelled('Missing', report.missing.join(', '), LABEL, WIDTH));
  const limits = analysis.limits.map(({ what, section }) => `${what} (needs ${section})`);
  if (limits.length > 0) lines.push(...labelled('Not done', escapeTerminal(limits.join('; ')), LABEL, WIDTH));
  const issues = Map.groupBy(report.issues, ({ code }) => code);
  const counted = [...issues].map(([code, list]) => `${code} (${list.length})`).join(', ');
  if (counted) lines.push(...labelled('Log', counted, LABEL, WIDTH));
  return lines;
}
