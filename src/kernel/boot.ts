/**
 * The closed list of texts that open a boot, the same for its reader and for the byte search over records.
 *
 * Only the banner opens one as a rule; the two others stand for the boots whose banner was lost, because they are what a
 * 32-bit host with HighMem is known by. Further lines of the boot are found by the name of their host.
 */

export interface BootAnchor {
  readonly name: string;
  /** A substring of the line, as printed. */
  readonly literal: string;
  readonly example: string;
}

/** Sources: init/version.c and init/main.c of 2.4 to 7.1; setup.c, discontig.c and init_32.c of i386 and x86, 2.4.10 on. */
export const BOOT_ANCHORS: readonly BootAnchor[] = [
  {
    name: 'banner',
    literal: 'Linux version ',
    example: 'Linux version 3.2.59 (builder@forge) (gcc version 4.7.2 (GCC) ) #21 SMP Mon Jun 2 10:11:12 UTC 2014',
  },
  { name: 'highmem', literal: 'MB HIGHMEM available', example: '31618MB HIGHMEM available.' },
  { name: 'lowmem', literal: 'MB LOWMEM available', example: '891MB LOWMEM available.' },
];

const SIZE = /^\s*\d{1,9}MB (?:HIGH|LOW)MEM available\.\s*$/;

/**
 * True for a line that opens a boot. Every line of every host is asked, so it looks at the ends of the line alone; shippers
 * may leave blanks there.
 */
export const opensBoot = (text: string): boolean =>
  text.startsWith('Linux version ') || (text.trimEnd().endsWith('MEM available.') && SIZE.test(text));
