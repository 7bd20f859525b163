import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyseGfp, dateMask, parseMask, purposeOf, zoneOfFlags } from '../../../src/enrich/gfp.ts';
import { GFP_ERAS, gfpComposites } from '../../../src/kernel/gfp/index.ts';
import { report, trigger } from './build.ts';

const X86_64 = ['DMA', 'DMA32', 'Normal', 'Movable'];
const I386 = ['DMA', 'Normal', 'HighMem', 'Movable'];

const decode = (release: string | undefined, mask: string, text?: string, layout = X86_64) =>
  analyseGfp(report(release, { trigger: trigger(mask, 0, text) }), layout);

describe('the era of a mask', () => {
  it('is the one whose decoding the printed text is', () => {
    const gfp = decode('5.14.0-362.8.1.el9_3.x86_64', '0x140cca', 'GFP_HIGHUSER_MOVABLE|__GFP_COMP');
    expect(gfp).toMatchObject({ era: '5.18-6.2', eraSource: 'text', zone: 'Movable', movable: true });
    expect(decode('5.14.0', '0x1100cca', 'GFP_HIGHUSER_MOVABLE')?.era).toBe('5.14-5.17');
  });

  it('keeps the printed flags when the text follows the order of the bits', () => {
    const gfp = decode('6.16.9', '0x140dca', 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP');
    expect(gfp).toMatchObject({
      era: '6.9-7.1',
      eraSource: 'text',
      text: 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP',
    });
    expect(gfp?.flags).toContain('__GFP_COMP');
  });

  it("is the release's where nothing is printed", () => {
    expect(decode('2.6.32-754.el6.x86_64', '0x280da')).toMatchObject({
      era: 'rhel6',
      eraSource: 'release',
      text: 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO',
      zone: 'Movable',
    });
  });

  it('moves on from a release whose numbering leaves bits unnamed', () => {
    expect(decode('2.6.30', '0x201da')).toMatchObject({
      era: '2.6.31-2.6.37',
      eraSource: 'mask',
      text: 'GFP_HIGHUSER_MOVABLE|__GFP_COLD',
      unknownBits: 0,
      zone: 'Movable',
    });
  });

  it.each([
    ['0x84d0', 'wait'],
    ['0x1201d2', 'wait'],
    ['0x24280ca', 'reclaim-4.4'],
    ['0x2080020', 'reclaim-4.4'],
    ['0x4352ca', 'reclaim-4.4'],
    ['0x14280ca', 'reclaim-4.10'],
    ['0x1080020', 'reclaim-4.10'],
    ['0x6200ca', 'reclaim-4.17'],
    ['0x480020', 'reclaim-4.17'],
    ['0x100cca', 'reclaim-5.1'],
    ['0xa20', 'reclaim-5.1'],
    ['0x820', 'reclaim-5.1'],
    ['0x20', 'wait'],
  ])('dates %s by the number alone', (mask, generation) => {
    expect(dateMask(parseMask(mask) ?? -1)).toBe(generation);
  });

  it('dates every composite mask of every era', () => {
    for (const era of GFP_ERAS.filter((candidate) => candidate.name !== '2.4.0-2.4.9')) {
      for (const { name, mask } of gfpComposites(era)) {
        // Bare zone modifiers and THP's light mask carry no reclaim bit; GFP_TRANSHUGE values exist in several eras.
        if (/DMA|HIGHMEM|TRANSHUGE/.test(name)) continue;
        expect(dateMask(mask), `${era.name} ${name} 0x${mask.toString(16)}`).toBe(era.generation);
      }
    }
  });

  it('reads masks of 2.6.24 to 2.6.30 without a release', () => {
    expect(decode(undefined, '0x1200d2')).toMatchObject({ era: '2.6.24-2.6.30', eraSource: 'mask', zone: 'Movable' });
  });

  it('stays within what else was printed when there is no release', () => {
    const bounded = (kernel: Partial<OomReport['kernel']>) =>
      analyseGfp(report(undefined, { kernel: { ...kernel, evidence: [] }, trigger: trigger('0xd2') }), X86_64)?.era;
    expect(bounded({ until: [2, 6, 12] })).toBe('2.6.11-2.6.12');
    expect(bounded({ since: [3, 8, 0], until: [3, 12, 0] })).toBe('3.8-3.15');
    expect(bounded({})).toBe('4.1-4.3');
  });

  it('names what has no name as a number', () => {
    expect(decode('2.6.9', '0x800000d0')).toMatchObject({ text: 'GFP_KERNEL|0x80000000', unknownBits: 0x80000000 });
  });

  it('makes nothing of what is no mask', () => {
    expect(decode('3.2.59', '84d0')).toBeUndefined();
    expect(decode('3.2.59', '0x1ffffffff')).toBeUndefined();
    expect(analyseGfp(report('3.2.59'), I386)).toBeUndefined();
  });

  it('reads the empty mask', () => {
    expect(decode('5.7.0', '0x0', '')).toMatchObject({ text: '', flags: [], zone: 'Normal', mayReclaim: false });
  });
});

describe('the zone of a mask', () => {
  it.each([
    ['', X86_64, 'Normal'],
    ['DMA', X86_64, 'DMA'],
    ['DMA32', X86_64, 'DMA32'],
    ['DMA32', I386, 'Normal'],
    ['HIGHMEM', X86_64, 'Normal'],
    ['HIGHMEM', I386, 'HighMem'],
    ['MOVABLE', X86_64, 'Normal'],
    ['HIGHMEM MOVABLE', X86_64, 'Movable'],
    ['HIGHMEM MOVABLE', ['DMA', 'Normal', 'HighMem'], 'HighMem'],
    ['MOVABLE DMA32', X86_64, 'DMA32'],
  ])('%s on %s is %s', (flags, layout, zone) => {
    expect(zoneOfFlags(new Set(flags.split(' ')), layout)).toBe(zone);
  });
});

describe('the purpose of a request', () => {
  const trace = (...symbols: string[]) => symbols.map((symbol, line) => ({ symbol, reliable: true, line }));
  it.each([
    [['__alloc_pages_nodemask', 'pte_alloc_one', '__pte_alloc', 'handle_mm_fault'], 'page table'],
    [['__alloc_pages', 'alloc_pages_vma', 'do_anonymous_page', '__handle_mm_fault'], 'anonymous memory'],
    [['__alloc_pages', 'folio_alloc', '__filemap_get_folio', 'filemap_fault', '__do_fault'], 'page cache'],
    [
      ['new_slab', '___slab_alloc', 'kmem_cache_alloc_node', '__alloc_skb', 'tcp_sendmsg'],
      'kernel objects (network buffer)',
    ],
    [['cache_alloc_refill', 'kmem_cache_alloc', 'sock_alloc_inode', 'alloc_inode'], 'kernel objects (socket inode)'],
    [['kmem_cache_alloc', 'some_driver_probe'], 'kernel objects'],
    [['alloc_pages_noprof', 'alloc_thread_stack_node.constprop.0', 'dup_task_struct'], 'kernel stack of a new task'],
    [['dump_stack', 'unheard_of'], undefined],
    [[], undefined],
  ])('%s: %s', (symbols, purpose) => {
    expect(purposeOf(trace(...symbols))).toBe(purpose);
  });

  it('agrees with what was asked for: stale frames of a trace do not', () => {
    const stale = trace('alloc_pages_vma', 'handle_pte_fault', 'pte_alloc_one', 'do_huge_pmd_anonymous_page');
    expect(purposeOf(stale)).toBe('page table');
    expect(purposeOf(stale, { movable: true, order: 0 })).toBe('memory of a user process');
    expect(purposeOf(stale, { movable: true, order: 9 })).toBe('huge page');
    expect(purposeOf(trace('pte_alloc_one'), { movable: false, order: 0 })).toBe('page table');
    expect(purposeOf(trace('new_slab', '__alloc_skb'), { movable: true, order: 0 })).toBeUndefined();
  });

  it('is anonymous memory where a user page is asked for as zeroed', () => {
    const asked = (mask: string) =>
      analyseGfp(report('3.13.0', { trigger: trigger(mask), callTrace: trace('alloc_pages_vma', 'handle_mm_fault') }), [
        'DMA',
        'DMA32',
        'Normal',
        'Movable',
      ])?.purpose;
    expect(asked('0x280da')).toBe('anonymous memory');
    expect(asked('0x200da')).toBe('memory of a user process');
  });
});
