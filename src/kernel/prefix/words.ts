/** Names that stand in log prefixes: facilities, severities, and the words that look like a program but are kernel text. */

const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

const SEVERITIES: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  err: 3,
  error: 3,
  warn: 4,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

/** Code of a facility name ('kern' is 0). Undefined when it is none. */
export const facilityOf = (name: string): number | undefined =>
  Object.hasOwn(FACILITIES, name) ? FACILITIES[name] : undefined;

/** Code of a severity name ('warn' and 'warning' are 4). Undefined when it is none. */
export const severityOf = (name: string): number | undefined =>
  Object.hasOwn(SEVERITIES, name) ? SEVERITIES[name] : undefined;

/** Words before a colon with which kernel text begins; after a host name without a tag they are no program. */
export const KERNEL_HEADS: ReadonlySet<string> = new Set([
  'Mem-Info',
  'Mem-info',
  'Pid',
  'CPU',
  'memory',
  'memory+swap',
  'swap',
  'kmem',
  'DMA',
  'DMA32',
  'Normal',
  'HighMem',
  'Movable',
  'Device',
  'oom-killer',
  'oom-kill',
  'oom_reaper',
  'oom_kill_process',
  'warn_alloc',
  'sysrq',
  'SysRq',
  'Tainted',
  'Workqueue',
  'Code',
  'RIP',
  'RSP',
  'EIP',
  'EAX',
  'ESI',
  'DS',
  'RAX',
  'RDX',
  'RBP',
  'R10',
  'R13',
  'Stack',
  'Backtrace',
  'printk',
  'VM',
  '__alloc_pages',
  'DMA-info',
]);

/** Beginnings of kernel lines whose first word might be a host's name and the next a program's. */
export const KERNEL_STARTS =
  /^(?:(?:DMA|DMA32|Normal|HighMem|Movable) (?:free:|per-cpu:)|CPU {1,8}\d|cpu \d{1,5} (?:hot|cold):|Free pages: |Hardware name: |Call Trace:|Node \d|Tasks state |Task in \/|Out of memory|Memory cgroup |Killed process |Free swap[ :]|Total swap |Swap cache[ :]|Kernel panic - )/;

/** What follows a task's name or a counter's, and no host's: `java invoked oom-killer`, `java cpuset=/`, `anon 4096`. */
export const KERNEL_NEXT = /^(?:invoked oom-killer|cpuset=|\d{1,20}$)/;

/** `0` of `0 pages in swap cache`, `free:4711`, `out_of_memory+0x1dc/0x530`. */
export const NO_HOST = /^\d{1,20}$|^[A-Za-z_]{1,24}:\d{1,20}$|\+0x/;
