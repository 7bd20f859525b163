/**
 * What an allocation was for, by the functions of its call trace. Plain data, from mm/, fs/, kernel/fork.c and net/ of 2.6 to
 * 7.1. `object` entries name the user of a slab or page allocation that stands above them in the trace.
 */
export interface TracePurpose {
  readonly purpose: string;
  /** specific: settles it; object: settles it, and explains a generic frame before it; generic: only if nothing better. */
  readonly kind: 'specific' | 'object' | 'generic';
  /** True for pages of processes and files, which alone are asked for as movable. */
  readonly movable?: true;
  readonly symbols: string;
}

export const TRACE_PURPOSES: readonly TracePurpose[] = [
  {
    purpose: 'page table',
    kind: 'specific',
    symbols:
      'pte_alloc_one __pte_alloc __pte_alloc_kernel __pmd_alloc __pud_alloc __p4d_alloc pgd_alloc pmd_alloc_one pud_alloc_one pte_alloc_one_map pte_alloc_map copy_page_range',
  },
  {
    purpose: 'kernel stack of a new task',
    kind: 'object',
    symbols: 'dup_task_struct alloc_thread_info alloc_thread_info_node alloc_thread_stack_node copy_process',
  },
  {
    purpose: 'huge page',
    kind: 'specific',
    movable: true,
    symbols:
      'do_huge_pmd_anonymous_page __do_huge_pmd_anonymous_page do_huge_pmd_wp_page khugepaged collapse_huge_page vma_alloc_anon_folio_pmd',
  },
  {
    purpose: 'anonymous memory',
    kind: 'specific',
    movable: true,
    symbols: 'do_anonymous_page alloc_anon_folio vma_alloc_zeroed_movable_folio',
  },
  {
    purpose: 'copy on write',
    kind: 'specific',
    movable: true,
    symbols: 'do_wp_page wp_page_copy do_cow_fault cow_user_page folio_prealloc',
  },
  {
    purpose: 'swap-in',
    kind: 'specific',
    movable: true,
    symbols:
      'read_swap_cache_async __read_swap_cache_async swapin_readahead swap_cluster_readahead swap_vma_readahead do_swap_page swapin_sync',
  },
  {
    purpose: 'shared memory',
    kind: 'specific',
    movable: true,
    symbols:
      'shmem_getpage shmem_getpage_gfp shmem_get_folio_gfp shmem_get_folio shmem_alloc_page shmem_alloc_folio shmem_alloc_and_add_folio shmem_alloc_and_acct_page shmem_fault shmem_write_begin shmem_file_read_iter',
  },
  {
    purpose: 'page cache',
    kind: 'specific',
    movable: true,
    symbols:
      '__page_cache_alloc page_cache_alloc filemap_alloc_folio filemap_alloc_folio_noprof __filemap_get_folio __filemap_get_folio_mpol pagecache_get_page add_to_page_cache_lru grab_cache_page_write_begin find_or_create_page __do_page_cache_readahead do_page_cache_readahead page_cache_ra_unbounded page_cache_ra_order page_cache_async_readahead page_cache_sync_readahead ondemand_readahead force_page_cache_readahead filemap_fault filemap_nopage do_generic_file_read generic_file_buffered_read filemap_create_folio generic_perform_write',
  },
  {
    purpose: 'network buffer',
    kind: 'object',
    symbols:
      '__alloc_skb alloc_skb sock_alloc_send_pskb sock_alloc_send_skb __netdev_alloc_skb __netdev_alloc_frag __napi_alloc_skb napi_alloc_skb skb_page_frag_refill sk_page_frag_refill sk_stream_alloc_skb tcp_sendmsg_locked pskb_expand_head page_pool_alloc_pages __page_pool_alloc_pages_slow',
  },
  { purpose: 'socket inode', kind: 'object', symbols: 'sock_alloc_inode' },
  { purpose: 'inode', kind: 'object', symbols: 'alloc_inode ext3_alloc_inode ext4_alloc_inode xfs_inode_alloc' },
  { purpose: 'dentry', kind: 'object', symbols: 'd_alloc __d_alloc d_alloc_parallel' },
  { purpose: 'buffer heads', kind: 'object', symbols: 'alloc_buffer_head alloc_page_buffers create_empty_buffers' },
  { purpose: 'poll table', kind: 'specific', symbols: '__pollwait' },
  { purpose: 'pipe buffer', kind: 'specific', symbols: 'pipe_write anon_pipe_write pipe_alloc_info alloc_pipe_info' },
  {
    purpose: 'vmalloc area',
    kind: 'specific',
    symbols: '__vmalloc_node_range __vmalloc_area_node __vmalloc_node vmalloc __vmalloc module_alloc',
  },
  {
    purpose: 'DMA buffer of a driver',
    kind: 'specific',
    symbols: 'dma_alloc_coherent dma_alloc_attrs dma_generic_alloc_coherent x86_swiotlb_alloc_coherent __dma_alloc',
  },
  {
    purpose: 'guest memory',
    kind: 'specific',
    movable: true,
    symbols: 'hva_to_pfn kvm_mmu_page_fault kvm_faultin_pfn',
  },
  {
    purpose: 'kernel objects',
    kind: 'generic',
    symbols:
      'new_slab allocate_slab __slab_alloc ___slab_alloc cache_grow cache_alloc_refill kmem_getpages fallback_alloc ____cache_alloc_node kmem_cache_alloc kmem_cache_alloc_node kmem_cache_alloc_noprof __kmalloc __kmalloc_node __kmalloc_noprof kmalloc_order kmalloc_large_node __kmalloc_large_node',
  },
  { purpose: 'kernel buffer', kind: 'generic', symbols: '__get_free_pages get_zeroed_page' },
  {
    purpose: 'memory of a user process',
    kind: 'generic',
    movable: true,
    symbols:
      'alloc_pages_vma vma_alloc_folio vma_alloc_folio_noprof handle_mm_fault __handle_mm_fault handle_pte_fault',
  },
];
