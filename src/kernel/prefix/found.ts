/** What the elements of a prefix say, and the characters that they are told by. */
import { type HeaderParts, wallMsOf } from './calendar.ts';

/** A physical line without its prefix, and what the prefix said. Absent means that it was not said. */
export interface Stripped {
  /** Kernel text; blanks after the one separating blank are kept. */
  readonly text: string;
  /** False when there was no prefix at all. */
  readonly prefixed: boolean;
  /** As written. */
  readonly host?: string;
  /** Program name without pid, 'kernel' for `kernel:` and metalog's `[kernel]`. */
  readonly program?: string;
  readonly facility?: number;
  readonly severity?: number;
  /** A stamp that states no full date, exactly as written: 'Sep 23 02:04:16'. */
  readonly headerStamp?: string;
  /** Ms since the epoch of a header with a full date; a date without zone counts as UTC. */
  readonly wallMs?: number;
  readonly headerParts?: HeaderParts;
  /** Microseconds since boot. */
  readonly bootUs?: number;
  /** `T123` or `C0` of CONFIG_PRINTK_CALLER. */
  readonly callerId?: string;
}

/** What has been found so far. */
export type Found = { -readonly [K in keyof Stripped]: Stripped[K] };

export const BLANK = 32;
export const COLON = 58;

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isLower = (code: number): boolean => (code >= 97 && code <= 122) || isDigit(code);

export const isTagCharacter = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  isDigit(code) ||
  code === 45 ||
  code === 95 ||
  code === 46 ||
  code === 47 ||
  code === 43 ||
  code === 64;

export const skipBlank = (text: string, at: number): number => (text.charCodeAt(at) === BLANK ? at + 1 : at);

export function skipBlanks(text: string, at: number): number {
  let cursor = at;
  while (text.charCodeAt(cursor) === BLANK) cursor += 1;
  return cursor;
}

export function skipDigits(text: string, at: number): number {
  let cursor = at;
  while (isDigit(text.charCodeAt(cursor))) cursor += 1;
  return cursor;
}

export const hasHeader = (found: Found): boolean => found.headerParts !== undefined || found.wallMs !== undefined;

export function keepIso(stamp: { parts: HeaderParts; offsetMinutes?: number }, found: Found): void {
  const wallMs = wallMsOf(stamp.parts, stamp.offsetMinutes);
  found.headerParts = stamp.parts;
  if (wallMs !== undefined) found.wallMs = wallMs;
}
