/**
 * The closed list of texts that open an OOM report, the same for the parser and for the byte search over records.
 *
 * Each is a literal that stands inside one record (on a stream a line is never wrapped across records before it is
 * recognised). Case matters; variants stand as entries of their own.
 */

export interface Opener {
  readonly name: string;
  /** A substring of the line, as printed. */
  readonly literal: string;
  /**
   * True for texts that other reports print too: they open a report that counts as an OOM report only when a firm opener
   * follows.
   */
  readonly tentative: boolean;
  readonly example: string;
}

export const OPENERS: readonly Opener[] = [
  {
    name: 'trigger',
    literal: 'oom-killer: gfp_mask=',
    tentative: false,
    example: 'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0',
  },
  {
    name: 'kill',
    literal: 'Killed process ',
    tentative: false,
    example: 'Killed process 21832 (mailscand) total-vm:169876kB, anon-rss:146900kB, file-rss:2712kB',
  },
  {
    name: 'kill-openvz',
    literal: 'OOM killed process ',
    tentative: false,
    example: 'Out of memory in UB 101: OOM killed process 2345 (httpd) score 0 vm:340000kB, rss:120000kB, swap:300kB',
  },
  {
    name: 'kill-2.4',
    literal: 'VM: killing process ',
    tentative: false,
    example: 'VM: killing process httpd',
  },
  {
    name: 'selection',
    literal: 'ill process ',
    tentative: false,
    example: 'Out of memory: Kill process 21832 (mailscand) score 4 or sacrifice child',
  },
  {
    name: 'summary',
    literal: 'oom-kill:constraint=',
    tentative: false,
    example:
      'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task=x,pid=1,uid=0',
  },
  {
    name: 'memcg',
    literal: 'memory: usage ',
    tentative: false,
    example: 'memory: usage 524288kB, limit 524288kB, failcnt 83',
  },
  {
    name: 'memcg-task',
    literal: 'as a result of limit of ',
    tentative: false,
    example: 'Task in /a/b killed as a result of limit of /a',
  },
  {
    name: 'task-table',
    literal: 'tgid total_vm',
    tentative: false,
    example: '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
  },
  {
    name: 'no-victim',
    literal: 'no killable processes',
    tentative: false,
    example: 'Kernel panic - not syncing: Out of memory and no killable processes...',
  },
  {
    name: 'panic-on-oom',
    literal: 'panic_on_oom is ',
    tentative: false,
    example: 'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled',
  },
  {
    name: 'allocation-failure',
    literal: 'page allocation failure',
    tentative: true,
    example: 'kworker/u2:1: page allocation failure: order:5, mode:0x2084020',
  },
  {
    name: 'allocation-failure-2.4',
    literal: '-order allocation failed',
    tentative: true,
    example: '__alloc_pages: 0-order allocation failed (gfp=0x20/0)',
  },
  { name: 'sysrq-f', literal: 'Manual OOM execution', tentative: true, example: 'sysrq: Manual OOM execution' },
  { name: 'mem-info', literal: 'Mem-Info:', tentative: true, example: 'Mem-Info:' },
  { name: 'mem-info-old', literal: 'Mem-info:', tentative: true, example: 'Mem-info:' },
];

/**
 * True when the text holds an opener: the one check that a line without an open report costs. The alternation is built
 * from the table, so the two cannot drift.
 */
const ANY_OPENER = new RegExp(OPENERS.map(({ literal }) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'));

export const holdsOpener = (text: string): boolean => ANY_OPENER.test(text);

/**
 * What is left of a trigger that was cut behind the name. It opens a report in a file alone: on a stream people's words would
 * open too many.
 */
export const CUT_TRIGGER = ' invoked oom-killer';

/** The first opener in a text, by its place in the list; undefined when there is none. */
export function openerIn(text: string): Opener | undefined {
  return OPENERS.find((opener) => text.includes(opener.literal));
}
