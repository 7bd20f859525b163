/** The only conversions: pages, kB (1,024 bytes, the kernel's kB) and bytes. */

/** Pages to kB, for pages of `pageSizeKb` (4, 8, 16, 64). */
export const pagesToKb = (pages: number, pageSizeKb: number): number => pages * pageSizeKb;

/** kB to whole pages, truncated as the kernel's shift does. */
export const kbToPages = (kb: number, pageSizeKb: number): number => Math.trunc(kb / pageSizeKb);

export const kbToBytes = (kb: number): number => kb * 1024;

export const bytesToKb = (bytes: number): number => Math.trunc(bytes / 1024);

export const pagesToBytes = (pages: number, pageSizeKb: number): number => kbToBytes(pagesToKb(pages, pageSizeKb));

const STEPS = ['kB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size for the eye: '8056 kB', '869 MiB', '32.9 GiB'. Exact below 10 MiB, three digits above. */
export function formatKb(kb: number): string {
  if (Math.abs(kb) < 10 * 1024) return `${Math.round(kb)} kB`;
  let value = kb;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${STEPS[step]}`;
}
