/** Invented reports, one per era; numbers add up where the kernel's do. */
import type { LogLine } from '../../../src/domain.ts';

export const HIGHMEM_32 = `
bakery invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0
Pid: 4711, comm: bakery Tainted: G         C   3.2.60 #7
Call Trace:
 [<c01739ac>] ? dump_header+0x4d/0x160
 [<c0173ff8>] ? out_of_memory+0x225/0x283
 [<c0126525>] ? pte_alloc_one+0x14/0x2f
 [<c08ba7e6>] ? error_code+0x5a/0x60
Mem-Info:
DMA per-cpu:
CPU    0: hi:    0, btch:   1 usd:   0
Normal per-cpu:
CPU    0: hi:  186, btch:  31 usd:  70
HighMem per-cpu:
CPU    0: hi:  186, btch:  31 usd:   2
active_anon:1179 inactive_anon:99 isolated_anon:0
 active_file:1064 inactive_file:77845 isolated_file:0
 unevictable:40 dirty:0 writeback:61 unstable:0
 free:1434 slab_reclaimable:12831 slab_unreclaimable:408
 mapped:670 shmem:30 pagetables:91 bounce:0
DMA free:3624kB min:140kB low:172kB high:208kB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB present:15808kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:240kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? yes
lowmem_reserve[]: 0 869 3248 3248
Normal free:1144kB min:3740kB low:4672kB high:5608kB active_anon:0kB inactive_anon:0kB active_file:248kB inactive_file:388kB unevictable:0kB isolated(anon):0kB isolated(file):0kB present:890008kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB slab_reclaimable:51300kB slab_unreclaimable:1635kB kernel_stack:1888kB pagetables:366kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:1015 all_unreclaimable? yes
lowmem_reserve[]: 0 0 19032 19032
HighMem free:968kB min:512kB low:768kB high:1024kB active_anon:4716kB inactive_anon:396kB active_file:4008kB inactive_file:310992kB unevictable:160kB isolated(anon):0kB isolated(file):0kB present:2436096kB mlocked:0kB dirty:0kB writeback:244kB mapped:2680kB shmem:120kB slab_reclaimable:0kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? no
lowmem_reserve[]: 0 0 0 0
DMA: 0*4kB 7*8kB 3*16kB 6*32kB 4*64kB 6*128kB 5*256kB 2*512kB 0*1024kB 0*2048kB 0*4096kB = 3624kB
Normal: 110*4kB 80*8kB 4*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 0*4096kB = 1144kB
HighMem: 2*4kB 4*8kB 2*16kB 0*32kB 0*64kB 1*128kB 1*256kB 1*512kB 0*1024kB 0*2048kB 0*4096kB = 968kB
78913 total pagecache pages
0 pages in swap cache
Swap cache stats: add 0, delete 0, find 0/0
Free swap  = 195988kB
Total swap = 195988kB
835584 pages RAM
609026 pages HighMem
9626 pages reserved
78850 pages shared
31686 pages non-shared
[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name
[ 1457]     0  1457      579      171   0       0             0 oven timer
[ 4711]   113  4711     4246     3740   0       0             0 bakery
Out of memory: Kill process 4711 (bakery) score 4 or sacrifice child
Killed process 4711 (bakery) total-vm:16984kB, anon-rss:14690kB, file-rss:270kB
`.trim();

export const MEMCG_V2 = `
miller invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
CPU: 2 PID: 901 Comm: miller Not tainted 5.15.0-77-generic #84-Ubuntu
Hardware name: Windmill Mark II, BIOS 1.0 01/01/2020
Call Trace:
 <TASK>
 dump_stack_lvl+0x4a/0x63
 dump_header+0x53/0x225
 mem_cgroup_out_of_memory+0x136/0x150
 asm_exc_page_fault+0x27/0x30
 </TASK>
memory: usage 524288kB, limit 524288kB, failcnt 83
swap: usage 0kB, limit 9007199254740988kB, failcnt 0
Memory cgroup stats for /mill:
anon 42897408
file 0
slab 22183
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[    901]  1000   901    60000    20000   491520        0             0 miller
[    902]  1000   902    50000    10000   391520        0             0 (grain)
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=mill,mems_allowed=0,oom_memcg=/mill,task_memcg=/mill/stone,task=miller,pid=901,uid=1000
Memory cgroup out of memory: Killed process 901 (miller) total-vm:240000kB, anon-rss:80000kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:480kB oom_score_adj:0
`.trim();

export const ALLOCATION_FAILURE = `
kworker/u2:1: page allocation failure: order:5, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null),cpuset=/,mems_allowed=0
CPU: 0 PID: 77 Comm: kworker/u2:1 Not tainted 5.15.0-77-generic #84-Ubuntu
Call Trace:
 <TASK>
 dump_stack_lvl+0x4a/0x63
 warn_alloc+0x136/0x150
 ret_from_fork+0x22/0x30
 </TASK>
Mem-Info:
active_anon:1 inactive_anon:2 isolated_anon:0
 active_file:3 inactive_file:4 isolated_file:0
 unevictable:0 dirty:0 writeback:0
 slab_reclaimable:5 slab_unreclaimable:6
 mapped:7 shmem:8 pagetables:9 bounce:0
 kernel_misc_reclaimable:0
 free:10 free_pcp:0 free_cma:0
`.trim();

/** The lines of a text as a stream brings them. */
export function streamOf(text: string, host = 'web01', from = 0, more: Partial<LogLine> = {}): LogLine[] {
  return text.split('\n').map((line, index) => ({
    host,
    text: line,
    position: { topic: 'logs', partition: 0, offset: from + index },
    trust: 'facility',
    bootUs: 1_000_000_000 + index * 10,
    ...more,
  }));
}
