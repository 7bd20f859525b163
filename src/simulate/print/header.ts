/** Trigger line, cpuset line, task header and call trace. */
import { isAtLeast } from '../../kernel/version.ts';
import type { Dialect } from '../dialect.ts';
import { type FrameState, is32Bit, type ReportState, versionOf } from '../state.ts';
import { hex } from './text.ts';

export function printTrigger(state: ReportState, dialect: Dialect): string[] {
  const { trigger } = state;
  const adj = `oom_score_adj=${trigger.oomScoreAdj}`;
  const order = `order=${trigger.order}`;
  const invoked = `${trigger.name} invoked oom-killer: gfp_mask=${trigger.gfpMask}`;
  const flags = `${invoked}(${trigger.gfpText})`;
  switch (dialect.trigger) {
    case 'none':
      return [];
    case 'mask':
      return [`oom-killer: gfp_mask=${trigger.gfpMask}`];
    case 'mask-order':
      return [`oom-killer: gfp_mask=${trigger.gfpMask}, ${order}`];
    case 'oomkilladj':
      return [`${invoked}, ${order}, oomkilladj=${trigger.oomAdj}`];
    case 'oom_adj':
      return [`${invoked}, ${order}, oom_adj=${trigger.oomAdj}`];
    case 'oom_adj+score':
      return [`${invoked}, ${order}, oom_adj=${trigger.oomAdj}, ${adj}`];
    case 'score':
      return [`${invoked}, ${order}, ${adj}`];
    case 'flags':
      return [`${flags}, ${order}, ${adj}`];
    case 'nodemask': {
      // 4.9 and 4.10 replace an absent nodemask by the task's own list.
      const mask = isAtLeast(dialect.version, [4, 15, 0]) ? trigger.nodemask : state.memsAllowed;
      return [`${flags}, nodemask=${mask}, ${order}, ${adj}`];
    }
    case 'nodemask-two-blanks':
      return [`${flags}, nodemask=${trigger.nodemask},  ${order}, ${adj}`];
  }
}

/** `kworker/u2:1: page allocation failure: order:5, mode:0x2084020` and its neighbours. */
export function printAllocationFailure(state: ReportState, dialect: Dialect): string[] {
  const { trigger } = state;
  const at = (major: number, minor: number): boolean => isAtLeast(dialect.version, [major, minor, 0]);
  const stop = at(3, 0) ? ':' : '.';
  const flags = at(4, 6) ? `(${trigger.gfpText})` : '';
  const nodemask = at(4, 11) ? `, nodemask=${trigger.nodemask}` : '';
  const cpuset =
    at(5, 0) && state.kernel.cpusets ? `,cpuset=${state.cpusetName},mems_allowed=${state.memsAllowed}` : '';
  const head = `${trigger.name}: page allocation failure${stop} order:${trigger.order}`;
  return [`${head}, mode:${trigger.gfpMask}${flags}${nodemask}${cpuset}`];
}

export const printCpuset = (state: ReportState, dialect: Dialect): string[] =>
  dialect.cpusetLine && state.kernel.cpusets
    ? [`${state.trigger.name} cpuset=${state.cpusetName} mems_allowed=${state.memsAllowed}`]
    : [];

/** Taint letters in the order of their columns. */
const TAINT_COLUMNS = 'PFSRMBUDAWCIOELKXTNJ';
const TAINT_NAMES: Readonly<Record<string, string>> = {
  P: 'PROPRIETARY_MODULE',
  F: 'FORCED_MODULE',
  W: 'WARN',
  C: 'CRAP',
  I: 'FIRMWARE_WORKAROUND',
  O: 'OOT_MODULE',
  E: 'UNSIGNED_MODULE',
  L: 'SOFTLOCKUP',
  K: 'LIVEPATCH',
};

/** `Tainted: G         C  `, one column for each flag that the kernel knows. */
function taintText(state: ReportState, dialect: Dialect): string {
  if (state.taint === '') return 'Not tainted';
  const columns = [...TAINT_COLUMNS.slice(0, dialect.taintColumns)].map((letter, column) => {
    if (state.taint.includes(letter)) return letter;
    return column === 0 ? 'G' : ' ';
  });
  return `Tainted: ${columns.join('')}${dialect.taintDashes ? '------------  ' : ''}`;
}

export function printTaskHeader(state: ReportState, dialect: Dialect): string[] {
  const { trigger, kernel } = state;
  const comm = trigger.name.slice(0, 20);
  const kdump = dialect.kdump ? 'Kdump: loaded ' : '';
  const preemption = dialect.preemption ? ' PREEMPT_DYNAMIC ' : '';
  const tail = `${kdump}${taintText(state, dialect)} ${kernel.release} ${kernel.build}${preemption}`;
  const records: string[] = [];
  switch (dialect.taskHeader) {
    case 'none':
      break;
    case 'pid-comm':
      records.push(`Pid: ${trigger.pid}, comm: ${comm} ${tail}`);
      break;
    case 'cpu-pid':
      records.push(`CPU: ${trigger.cpu} PID: ${trigger.pid} Comm: ${comm} ${tail}`);
      break;
    case 'cpu-uid-pid':
      records.push(`CPU: ${trigger.cpu} UID: ${trigger.uid} PID: ${trigger.pid} Comm: ${comm} ${tail}`);
      break;
  }
  if (dialect.verboseTaint && state.taint !== '') {
    const names = [...state.taint]
      .filter((letter) => letter !== 'G')
      .map((letter) => `[${letter}]=${TAINT_NAMES[letter] ?? 'AUX'}`);
    records.push(`Tainted: ${names.join(', ')}`);
  }
  if (dialect.hardwareLine && state.hardware !== undefined) records.push(`Hardware name: ${state.hardware}`);
  if (dialect.hardwareLine && state.workqueue !== undefined) records.push(`Workqueue: ${state.workqueue}`);
  return records;
}

function frameLine(frame: FrameState, addresses: boolean): string {
  const address = addresses ? `[<${frame.address ?? ''}>] ` : '';
  const module = frame.module === undefined ? '' : ` [${frame.module}]`;
  const place = `${frame.symbol}+0x${hex(frame.offset)}/0x${hex(frame.size)}`;
  return ` ${address}${frame.reliable ? '' : '? '}${place}${module}`;
}

/** Rows of raw stack words between the header and `Call Trace:` (3.10 to 4.9). */
function stackWords(state: ReportState): string[] {
  const narrow = is32Bit(state.kernel.arch);
  const perRow = narrow ? 8 : 4;
  return [0, 1, 2].map((row) =>
    Array.from({ length: perRow }, (_, column) => {
      const frame = state.frames[(row * perRow + column) % Math.max(1, state.frames.length)];
      return ` ${(frame?.address ?? '0').padStart(narrow ? 8 : 16, '0')}`;
    }).join(''),
  );
}

/** The register dump that ends a trace out of a page fault of a 64-bit task (4.15+). */
const USER_REGISTERS = [
  'RIP: 0033:0x7f3b5c1d2e40',
  'Code: Unable to access opcode bytes at RIP 0x7f3b5c1d2e16.',
  'RSP: 002b:00007ffc4d1e9a80 EFLAGS: 00010246',
  'RAX: 000000000002a000 RBX: 0000561f08c41a20 RCX: 0000561f08e6b000',
  'RDX: 0000000000000400 RSI: 0000000000000000 RDI: 0000561f08e6b000',
  'RBP: 00007ffc4d1e9b10 R08: 0000000000000000 R09: 00007f3b5c4b80e0',
  'R10: 0000000000000022 R11: 0000000000000206 R12: 0000000000000003',
  'R13: 0000561f07f01c88 R14: 00007f3b5c51f000 R15: 0000561f07f019e0',
];

/** One frame of an architecture without x86's brackets and question marks. */
function otherFrame(frame: FrameState, next: FrameState | undefined, style: Dialect['trace']): string {
  const place = `${frame.symbol}+0x${hex(frame.offset)}/0x${hex(frame.size)}`;
  if (style === 'arm') {
    const from = next ?? frame;
    return ` ${frame.symbol} from ${from.symbol}+0x${hex(from.offset)}/0x${hex(from.size)}`;
  }
  if (style === 'powerpc') {
    const stack = `c0000000${(frame.address ?? '').slice(-8)}`;
    return `[${stack}] [c00000000${(frame.address ?? '').slice(-7)}] ${place}${frame.reliable ? '' : ' (unreliable)'}`;
  }
  return ` ${place}`;
}

export function printTrace(state: ReportState, dialect: Dialect): string[] {
  if (dialect.trace === 'none') return [];
  const heading = dialect.traceHeader === '' ? [] : [dialect.traceHeader];
  if (dialect.trace !== 'x86') {
    return [
      ...heading,
      ...state.frames.map((frame, index) => otherFrame(frame, state.frames[index + 1], dialect.trace)),
    ];
  }
  const frames = state.frames.map((frame) => frameLine(frame, dialect.traceAddresses));
  const registers =
    state.userRegisters && state.kernel.arch === 'x86_64' && isAtLeast(versionOf(state.kernel), [4, 15, 0])
      ? USER_REGISTERS
      : [];
  return [
    ...(dialect.stackWords ? stackWords(state) : []),
    ...heading,
    ...(dialect.taskMarks ? [' <TASK>'] : []),
    ...frames,
    ...registers,
    ...(dialect.taskMarks ? [' </TASK>'] : []),
  ];
}
