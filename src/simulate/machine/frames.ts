/** Call traces that fit the request, most recent frame first. */
import { isAtLeast, isBefore } from '../../kernel/version.ts';
import { random, seedFor } from '../random.ts';
import { type FrameState, is32Bit, type KernelSpec, versionOf } from '../state.ts';
import type { Request } from './gfp.ts';

/** What the allocator was called for, from its caller down to the entry of the kernel; `?` marks unreliable frames. */
const CALLERS: Readonly<Record<Request, readonly string[]>> = {
  kernel: ['alloc_pages_current', 'new_slab', '__slab_alloc', 'kmem_cache_alloc', 'getname', 'do_sys_open', 'sys_open'],
  'page-table': ['pte_alloc_one', '__pte_alloc', '? vma_merge', 'handle_mm_fault', 'do_page_fault', 'page_fault'],
  anon: ['alloc_pages_vma', 'do_anonymous_page', 'handle_mm_fault', '__do_page_fault', 'do_page_fault', 'page_fault'],
  file: ['__page_cache_alloc', 'filemap_fault', '__do_fault', 'handle_mm_fault', 'do_page_fault', 'page_fault'],
  order: ['alloc_pages_current', 'copy_process', 'do_fork', 'sys_clone', 'stub_clone'],
  dma32: ['dma_generic_alloc_coherent', 'pool_alloc_page', 'dma_pool_alloc', '? ring_setup', 'sys_ioctl'],
  atomic: ['new_slab', '__slab_alloc', '__kmalloc_node_track_caller', '__alloc_skb', 'net_rx_action', '__do_softirq'],
  none: ['? pagefault_out_of_memory', 'mm_fault_error', 'do_page_fault', 'page_fault'],
};

const NEWER: Readonly<Record<string, string>> = {
  alloc_pages_vma: 'vma_alloc_folio',
  do_page_fault: 'exc_page_fault',
  page_fault: 'asm_exc_page_fault',
  __do_page_fault: 'do_user_addr_fault',
  sys_open: '__x64_sys_openat',
  sys_clone: '__x64_sys_clone',
  stub_clone: 'do_syscall_64',
  sys_ioctl: '__x64_sys_ioctl',
  do_fork: 'kernel_clone',
};

/** How the kernel was entered, where that is not x86. */
const ENTRIES: Readonly<Record<'arm' | 'arm64' | 'ppc64', Readonly<Record<string, string>>>> = {
  arm: { page_fault: '__dabt_usr', sys_open: 'ret_fast_syscall', stub_clone: 'ret_fast_syscall' },
  arm64: { page_fault: 'el0t_64_sync', sys_open: 'invoke_syscall', stub_clone: 'el0t_64_sync' },
  ppc64: { page_fault: 'data_access_common_virt', sys_open: 'system_call_exception', stub_clone: 'system_call_common' },
};

/** Names of the callers by architecture and age. */
function renamed(kernel: KernelSpec, name: string): string {
  if (kernel.arch !== 'i386' && kernel.arch !== 'x86_64') {
    return ENTRIES[kernel.arch][name] ?? (name === 'alloc_pages_vma' ? 'vma_alloc_folio' : name);
  }
  if (!isAtLeast(versionOf(kernel), [5, 0, 0])) return name;
  const newer = NEWER[name] ?? name;
  return kernel.arch === 'i386' ? newer.replace('__x64_', '__ia32_') : newer;
}

function allocator(kernel: KernelSpec): string[] {
  const version = versionOf(kernel);
  if (isAtLeast(version, [6, 14, 0])) return ['__alloc_pages_slowpath.constprop.0', '__alloc_frozen_pages_noprof'];
  if (isAtLeast(version, [6, 10, 0])) return ['__alloc_pages_slowpath.constprop.0', '__alloc_pages_noprof'];
  if (isAtLeast(version, [5, 14, 0])) return ['__alloc_pages_slowpath.constprop.0', '__alloc_pages'];
  if (isAtLeast(version, [2, 6, 31])) return ['__alloc_pages_nodemask'];
  return ['__alloc_pages'];
}

/** How the memory controller or sysrq came to kill, instead of the allocator. */
export type Route = 'allocator' | 'memcg' | 'sysrq' | 'failure';

function symbols(kernel: KernelSpec, request: Request, route: Route): string[] {
  const version = versionOf(kernel);
  const newer = isAtLeast(version, [5, 0, 0]);
  const stack = isAtLeast(version, [5, 11, 0])
    ? ['dump_stack_lvl']
    : isAtLeast(version, [3, 10, 0])
      ? ['dump_stack']
      : [];
  const callers = CALLERS[request].map((name) => renamed(kernel, name));
  if (route === 'failure')
    return [...stack, newer ? 'warn_alloc' : 'warn_alloc_failed', ...allocator(kernel), ...callers];
  const killer = [
    ...(isAtLeast(version, [2, 6, 28]) ? ['dump_header'] : []),
    isAtLeast(version, [5, 0, 0]) ? 'oom_kill_process.cold' : 'oom_kill_process',
  ];
  const head = [...stack, ...killer, 'out_of_memory'];
  if (route === 'sysrq') {
    return [...head, 'moom_callback', 'process_one_work', 'worker_thread', 'kthread', 'ret_from_fork'];
  }
  if (route === 'memcg') {
    const charge = newer
      ? ['mem_cgroup_out_of_memory', 'try_charge_memcg', 'charge_memcg', '__mem_cgroup_charge']
      : ['mem_cgroup_out_of_memory', 'mem_cgroup_oom_synchronize', 'pagefault_out_of_memory'];
    return [...stack, ...killer, ...(newer ? ['out_of_memory'] : []), ...charge, ...callers.slice(1)];
  }
  return [...head, ...allocator(kernel), ...callers];
}

/** The trace of one report; addresses, offsets and sizes are invented and stay the same for one kernel and symbol. */
export function framesOf(kernel: KernelSpec, request: Request, route: Route): FrameState[] {
  const version = versionOf(kernel);
  // Without frame pointers every frame is a guess; kernels before 2.6.24 do not say so.
  const guessed = kernel.arch === 'i386' && isAtLeast(version, [2, 6, 24]) && isBefore(version, [3, 10, 0]);
  return symbols(kernel, request, route).map((name) => {
    const unreliable = name.startsWith('? ');
    const symbol = unreliable ? name.slice(2) : name;
    const numbers = random(seedFor(1, `${kernel.release} ${symbol}`));
    const size = numbers.int(3, 120) * 16;
    const low = numbers.int(0x10, 0x8b) * 0x10000 + numbers.int(0, 0xffff);
    const address = is32Bit(kernel.arch)
      ? `c0${low.toString(16).padStart(6, '0')}`
      : `ffffffff81${low.toString(16).padStart(6, '0')}`;
    return { symbol, address, size, offset: numbers.int(1, size - 1), reliable: !unreliable && !guessed };
  });
}
