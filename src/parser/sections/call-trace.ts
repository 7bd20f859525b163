/** The call trace of the allocating task, in the shapes of all architectures. */
import type { Frame } from '../../domain.ts';
import { type Draft, PHASES } from '../draft.ts';
import type { Reading, Section } from '../section.ts';

/** Deeper stacks than this do not exist; a runaway trace ends here. */
const MAX_FRAMES = 512;

/** A trace comes before the memory dump, or after a panic that the OOM killer called. */
const isPast = (draft: Draft): boolean => draft.phase > PHASES.trace && !draft.panic;

type FrameRead = Omit<Frame, 'line'>;

const SOURCE = 'arch/*/kernel/dumpstack.c, traps.c, stacktrace.c';

/** > | Call Trace:  */
export const callTrace: Section = {
  name: 'call-trace',
  phase: PHASES.trace,
  since: '2.4.0',
  until: '7.1',
  source: SOURCE,
  examples: [
    'Call Trace:',
    'Call trace:',
    'Backtrace: ',
    'Call Trace:<ffffffff80159f43>{__alloc_pages+768} <ffffffff80176666>{read_swap_cache_async+60}',
  ],
  read(text) {
    const trimmed = text.trimStart();
    const code = trimmed.charCodeAt(0);
    if (code !== 67 && code !== 66) return undefined;
    const head = /^(?:[Cc]all [Tt]race:|Backtrace:)/.exec(trimmed)?.[0];
    if (head === undefined) return undefined;
    const frames = framesIn(trimmed.slice(head.length));
    return {
      quality: 2 + frames.length,
      store(draft, line) {
        if (isPast(draft)) return 'refused';
        if (draft.frames.length > 0 || draft.traceOpen) return 'refused';
        // From 2.6.24 on x86 prints the task's header first: without it the trace may be any task's. Old traces and
        // those of other architectures follow the trigger at once.
        draft.traceOpen = true;
        if (head !== 'Call Trace:') draft.otherArchitecture = true;
        keepFrames(draft, frames, line);
        return 'taken';
      },
    };
  },
};

/**
 * > | [<c01739ac>] ? dump_header+0x4d/0x160
 *       ^ up to 4.9 ^ not reliable
 * > |  __xfs_filemap_fault+0x6f/0x210 [xfs]
 *                                      ^ module
 */
export const frame: Section = {
  name: 'call-trace',
  phase: PHASES.trace,
  since: '2.6.9',
  until: '7.1',
  source: SOURCE,
  examples: [
    ' [<c01739ac>] ? dump_header+0x4d/0x160',
    ' [<ffffffff811d5a3e>] __asan_report_load8_noabort+0x2e/0x30',
    ' dump_stack_lvl+0x5d/0x80',
    ' ? ___pte_offset_map+0x1b/0x180',
    ' __xfs_filemap_fault+0x6f/0x210 [xfs]',
    '[<8020dbec>] (dump_backtrace) from [<8020ded0>] (show_stack+0x18/0x1c)',
    ' dump_backtrace from show_stack+0x18/0x1c',
    '[c000000004a3f5d0] [c00000000001234c] .show_stack+0x70/0x1bc (unreliable)',
    '[C0000001E3B3B8F0] [C00000000000F480] .show_stack+0x74/0x1b4 (unreliable)',
    ' [sg:__alloc_pages+0x36c/0x3a0] __alloc_pages+0x36c/0x3a0',
    ' [00000000004d7f3c] out_of_memory+0x1a0/0x1e0',
    '6ff5a868:  [<6005b506>] out_of_memory+0x25c/0x305',
    'Function entered at [<c0012f00>] from [<c00145b0>]',
    ' [<80151728>] [<80120b08>]',
  ],
  read(text) {
    const frames = framesIn(text);
    const [first] = frames;
    if (!first) return undefined;
    return {
      quality: 1 + frames.length + (first.address === undefined ? 0 : 1),
      store(draft, line) {
        if (!mayContinue(draft, first)) return 'refused';
        draft.traceOpen = true;
        if (OTHER_ARCHITECTURE.test(text)) draft.otherArchitecture = true;
        keepFrames(draft, frames, line);
        return 'taken';
      },
    };
  },
};

/** The innermost functions of a trace that an allocation prints. */
const INNERMOST =
  /^(?:unwind_backtrace|dump_backtrace|show_stack|show_trace|dump_stack|dump_header|oom_kill_process|_*out_of_memory|_*alloc_pages|warn_alloc)/;

/**
 * A frame belongs to a report whose trace has begun. Without a head a trace begins at once: with an address on i386 up
 * to 2.6.22, below the task's header on i386 2.6.24 and wherever ARM unwinds.
 */
function mayContinue(draft: Draft, { symbol, address }: FrameRead): boolean {
  if (isPast(draft) || draft.frames.length >= MAX_FRAMES) return false;
  if (draft.traceOpen) return !draft.traceEnded || draft.lastBlock === 'call-trace';
  if (draft.frames.length > 0 || draft.trigger === undefined) return false;
  return draft.taskHeader ? INNERMOST.test(symbol) : address !== undefined;
}

/**
 * Addresses at which no x86 runs its kernel: it begins at c0000000, seldom at 40000000 or b0000000. MIPS and
 * SuperH begin at 80000000, PA-RISC at 10000000, m68k at 0, user-mode Linux at 60000000.
 */
const FOREIGN_ADDRESS = /^[015689][0-9a-f]{7}$/;

function keepFrames(draft: Draft, frames: readonly FrameRead[], line: number): void {
  for (const read of frames) {
    if (read.address !== undefined && FOREIGN_ADDRESS.test(read.address)) draft.otherArchitecture = true;
    if (draft.frames.length < MAX_FRAMES) draft.frames.push({ line, ...read });
  }
  const last = frames.at(-1);
  if (last) draft.traceEnded = isEntry(last.symbol);
}

/** Symbols with which a trace ends: how the kernel was entered. */
const ENTRY =
  /^(?:ret_from_|entry_|asm_|sysenter_|system_call|error_code|page_fault|async_page_fault|do_async_page_fault|retint_|kernel_thread|kthread|sysc_|fork_handler|userspace|common_exception|common_interrupt|ia64_|ia32_|el0|__entry|do_syscall|do_int80|syscall_|handle_sys|tracesys|stub_|device_not|work_resched|ret_fast|__sys_trace|vector_|data_abort|__dabt|__pabt|error_exit|handle_exception|start_secondary|secondary_startup|start_kernel|i386_start|x86_64_start|_end$|do_IRQ|smp_|apic_|syscall|restore_all|ret_to_user|__irq_usr|__dabt_usr|__pabt_usr|iret_exc|xen_hvm|cpuid4_cache_lookup|vmalloc_fault)/;

const isEntry = (symbol: string): boolean => ENTRY.test(symbol);

const ADDRESSED = /^\(?\[<(?:0x)?([0-9a-fA-F]{8,16})>\]\s{0,4}(\? )?\(?([^\s()+[\]]+)/;
const PLAIN = /^(\? )?([^\s+()[\]]{1,256})\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}/;
const ARM_6 = /^([^\s+()[\]]{1,256}) from [^\s+()[\]]{1,256}\+0x/;
const POWERPC = /^\[[0-9a-fA-F]{8,16}\] \[([0-9a-fA-F]{8,16})\] \.?([^\s+()[\]]+)/;
const OTHER_ARCHITECTURE =
  /^\s{0,40}(?:\(\[<|Function entered at |[0-9a-f]{8,16}: {1,4}\[<|\[(?:[0-9a-f]{8}){1,2}\] [^\s[]|\[[0-9a-fA-F]{8,16}\] \[[0-9a-fA-F]{8,16}\] |(?:\[<[0-9a-f]{8,16}>\] \(\S{1,256}|[^\s+()[\]]{1,256}) from )/;
const MODULE = /\[([\w-]{1,64})(?: [^\]]{0,64})?\]/;

/** sparc64 and PowerPC up to 2.6.12: ` [00000000004d7f3c] out_of_memory+0x1a0/0x1e0`. */
const SPARC = /^\[([0-9a-f]{8}|[0-9a-f]{16})\] ([^\s+()[\]]+)\+0x/;
/** user-mode Linux puts the stack's address first: `6ff5a868:  [<6005b506>] out_of_memory+0x25c/0x305`. */
const UML = /^[0-9a-f]{8,16}: {1,4}(?=\[<)/;
/** ARM without names: `Function entered at [<c0012f00>] from [<c00145b0>]`. */
const UNNAMED_ARM = /^Function entered at \[<([0-9a-f]{8,16})>\] from \[</;
/** Others without names: `[<80151728>] [<80120b08>]`. */
const UNNAMED = /^(?:\[<[0-9a-f]{8,16}>\]\s{0,4}){1,16}$/;

/** All frames of one line; several stand in a row on x86_64 2.6.9 and on 2.4. */
function framesIn(text: string): FrameRead[] {
  let rest = text.trimStart();
  for (let tag = /^<\/?(?:IRQ|EOI|NMI|SOFTIRQ|#DF|TASK|ENTRY_TRAMPOLINE)>\s*/.exec(rest); tag; ) {
    rest = rest.slice(tag[0].length);
    tag = /^<(?:IRQ|EOI|NMI|SOFTIRQ|#DF)>\s*/.exec(rest);
  }
  rest = rest.replace(UML, '');
  const code = rest.charCodeAt(0);
  if (code === 91 || code === 40) return bracketed(rest);
  const unnamed = code === 70 ? UNNAMED_ARM.exec(rest)?.[1] : undefined;
  if (unnamed !== undefined) return [{ symbol: `0x${unnamed}`, reliable: true, address: unnamed }];
  if (code === 60) return [...rest.matchAll(/<([0-9a-f]{8,16})>\{([^+}\s]{1,128})/g)].map(braced);
  const plain = PLAIN.exec(rest);
  if (plain) {
    const module = MODULE.exec(rest.slice(plain[0].length))?.[1];
    return [{ symbol: plain[2] ?? '', reliable: plain[1] === undefined, ...(module === undefined ? {} : { module }) }];
  }
  const arm = ARM_6.exec(rest);
  return arm ? [{ symbol: arm[1] ?? '', reliable: true }] : [];
}

function bracketed(rest: string): FrameRead[] {
  const addressed = ADDRESSED.exec(rest);
  if (addressed) {
    const module = MODULE.exec(rest.slice(addressed[0].length))?.[1];
    return [
      {
        symbol: addressed[3] ?? '',
        reliable: addressed[2] === undefined && rest.charCodeAt(0) !== 40,
        address: addressed[1] ?? '',
        ...(module === undefined ? {} : { module }),
      },
    ];
  }
  const powerpc = POWERPC.exec(rest);
  if (powerpc) {
    return [{ symbol: powerpc[2] ?? '', reliable: !rest.includes('(unreliable)'), address: powerpc[1] ?? '' }];
  }
  const sparc = SPARC.exec(rest);
  if (sparc) return [{ symbol: sparc[2] ?? '', reliable: true, address: sparc[1] ?? '' }];
  if (UNNAMED.test(rest)) {
    return [...rest.matchAll(/\[<([0-9a-f]{8,16})>\]/g)].map(([, address = '']) => ({
      symbol: `0x${address}`,
      reliable: true,
      address,
    }));
  }
  // klogd puts names to addresses: [put_dirty_page+122/132] [<fdcec845>] [kill_super+232/352] [sg:__alloc_pages+0x1/0x2]
  const named = /\[(?:[\w-]{1,64}:)?([A-Za-z_][\w.]{0,127})\+[0-9a-fx]{1,10}\/[0-9a-fx]{1,10}\]/g;
  return [...rest.matchAll(named)].map((match) => ({
    symbol: match[1] ?? '',
    reliable: true,
  }));
}

const braced = (match: RegExpExecArray): FrameRead => ({
  symbol: match[2] ?? '',
  reliable: true,
  address: match[1] ?? '',
});

const STACK_WORDS = /^(?:[0-9a-f]{4}: *)?(?:(?:[0-9a-f]{8}|[0-9a-f]{16})(?:\s+|$)){1,8}$/;
const REGISTERS =
  /^(?:RIP|RSP|EIP|EFLAGS|EAX|ESI|DS|RAX|RDX|RBP|R10|R13|Code|ORIG_RAX|CR2|CR0|FS|CS|SS|NIP|LR|pc|sp|r\d{1,2}|x\d{1,2}|---? interrupt|--- Exception|Exception stack)\b\s{0,3}[:(]/;

/**
 * What stands in and around a trace: `<TASK>`, raw stack words (x86 3.10 to 4.9), user registers (4.10+),
 * ` =======================` (i386), `sp=... bsp=...` (ia64).
 */
export const traceRemark: Section = {
  name: 'call-trace',
  phase: PHASES.trace,
  since: '2.6.9',
  until: '7.1',
  source: SOURCE,
  examples: [
    ' <TASK>',
    ' </TASK>',
    ' =======================',
    ' ffff88072ae10800 ffff8807a4835c48 ffffffff81720bf6 ffff8807a8e86000',
    'RIP: 0033:0x7f1c2a5e3a17',
    'EAX: b6db1000 EBX: b6dab100 ECX: b6db1000 EDX: 000000d8',
    '                                sp=e00001600e1ffae0 bsp=e00001600e1f1598',
  ],
  read(text, draft) {
    if (!draft || isPast(draft)) return undefined;
    const trimmed = text.trim();
    const ends = trimmed === '</TASK>' || trimmed.startsWith('=====') || REGISTERS.test(trimmed);
    const marks = ends || /^<\/?[A-Z#_]{2,16}>$/.test(trimmed) || /^sp=[0-9a-f]{16} bsp=/.test(trimmed);
    if (!marks && !STACK_WORDS.test(trimmed)) return undefined;
    return remark(marks, ends, trimmed.startsWith('sp='));
  },
};

function remark(marks: boolean, ends: boolean, ia64: boolean): Reading {
  return {
    quality: 1,
    store(draft) {
      if (isPast(draft)) return 'refused';
      // Stack words stand between the header and the trace; the other remarks inside it.
      if (marks ? !draft.traceOpen : draft.traceOpen || !draft.taskHeader) return 'refused';
      if (ends) draft.traceEnded = true;
      if (ia64) draft.otherArchitecture = true;
      return 'taken';
    },
  };
}
