/** Sizes as procps prints them. */

export interface Size {
  readonly kb: number;
  /** False for a number that was rounded to its unit. */
  readonly exact: boolean;
}

const UNIT_KB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  k: 1,
  m: 1024,
  g: 1024 ** 2,
  t: 1024 ** 3,
  p: 1024 ** 4,
};

/** `33204440k`, `165m`, `2.0G`, `15Gi`, `1,2g`, `0B`; a bare number counts in `unit` (one of b k m g t p). */
export function sizeOf(text: string, unit: string): Size | undefined {
  const match = /^(\d{1,15})(?:[.,](\d{1,6}))?([bkmgtp]?)i?[bB]?$/i.exec(text);
  if (!match) return undefined;
  const [, whole, fraction, letter] = match;
  const stated = (letter === '' ? unit : (letter ?? unit)).toLowerCase();
  const factor = UNIT_KB[stated];
  if (factor === undefined) return undefined;
  const value = Number(fraction === undefined ? whole : `${whole}.${fraction}`);
  return { kb: Math.trunc(value * factor), exact: (stated === 'k' || stated === 'b') && fraction === undefined };
}
