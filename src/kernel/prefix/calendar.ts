/** Dates and times as log headers write them: months of many locales, RFC 3164 stamps, ISO 8601, `dmesg -T`. */

/** Day and time of a header that may lack the year. `month` is 1 to 12. */
export interface HeaderParts {
  readonly year?: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

/** Month stems of the locales in which `dmesg -T`, rsyslog and journalctl have been seen, January first. */
const MONTH_STEMS = [
  'jan janv ene gen sty led янв tammi ian',
  'feb févr fév fev lut úno фев helmi',
  'mar mär mrz mars mrt bře мар maalis',
  'apr avr avril abr kwi dub апр huhti',
  'may mai mag maj mei kvě мая май touko',
  'jun juin giu cze čen июн kesä',
  'jul juil lug lip čec июл heinä iul',
  'aug août aoû ago sie srp авг elo',
  'sep sept set wrz zář сен syys',
  'oct okt ott out paź říj окт loka',
  'nov ноя marras lis',
  'dec déc dez dic des gru дек joulu pro',
];

const MONTHS: ReadonlyMap<string, number> = new Map(
  MONTH_STEMS.flatMap((stems, index) => stems.split(' ').map((stem) => [stem, index + 1] as const)),
);

/** Month 1 to 12 of a localised name ('Sep', 'déc.', 'avril', '9月'); undefined when it is none. */
export function monthOf(word: string): number | undefined {
  const numbered = /^(\d{1,2})[月월]$/.exec(word);
  if (numbered) return Number(numbered[1]);
  if (word.length < 3 || word.length > 12) return undefined;
  const name = word.toLowerCase().replace(/[.,]+$/, '');
  const known = MONTHS.get(name);
  if (known !== undefined) return known;
  // A full name ('September', 'novembre') begins with its stem.
  return name.length > 3 ? (MONTHS.get(name.slice(0, 4)) ?? MONTHS.get(name.slice(0, 3))) : undefined;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const two = (text: string, at: number): number => {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

/** `02:04:16` with an optional fraction at `at`. Undefined when there is none. */
export function clockAt(
  text: string,
  at: number,
): { hour: number; minute: number; second: number; ms: number; end: number } | undefined {
  if (text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return undefined;
  const hour = two(text, at);
  const minute = two(text, at + 3);
  const second = two(text, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined;
  let end = at + 8;
  let ms = 0;
  const mark = text.charCodeAt(end);
  if ((mark === 46 || mark === 44) && isDigit(text.charCodeAt(end + 1))) {
    end += 1;
    let scale = 100;
    while (isDigit(text.charCodeAt(end))) {
      ms += Math.trunc((text.charCodeAt(end) - 48) * scale);
      scale /= 10;
      end += 1;
    }
  }
  return { hour, minute, second, ms: Math.trunc(ms), end };
}

/**
 * `Sep 23 02:04:16` at `at`, the stamp of RFC 3164 and of `journalctl -o short`, month in any known locale.
 * Undefined when it is none; `end` is the offset after it.
 */
export function shortStampAt(text: string, at: number): { parts: HeaderParts; end: number } | undefined {
  const space = text.indexOf(' ', at);
  if (space < at + 3 || space > at + 10) return undefined;
  let cursor = space + 1;
  if (text.charCodeAt(cursor) === 32) cursor += 1;
  const dayStart = cursor;
  while (isDigit(text.charCodeAt(cursor))) cursor += 1;
  if (cursor === dayStart || cursor > dayStart + 2 || text.charCodeAt(cursor) !== 32) return undefined;
  const day = Number(text.slice(dayStart, cursor));
  if (day < 1 || day > 31) return undefined;
  const clock = clockAt(text, cursor + 1);
  if (!clock) return undefined;
  const month = monthOf(text.slice(at, space));
  if (month === undefined) return undefined;
  return { parts: { month, day, ...timeOf(clock) }, end: clock.end };
}

const timeOf = ({ hour, minute, second, ms }: { hour: number; minute: number; second: number; ms: number }) => ({
  hour,
  minute,
  second,
  ms,
});

/**
 * `2014-09-23T02:04:16.850644+02:00` at `at`; `T`, `_` (svlogd) or a blank between date and time, `Z`, `+02:00`, `+0200`
 * or nothing after it. `offsetMinutes` is absent without a zone. `comma` tells `dmesg --time-format=iso`.
 */
export function isoStampAt(
  text: string,
  at: number,
): { parts: HeaderParts; offsetMinutes?: number; end: number; comma: boolean } | undefined {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return undefined;
  const century = two(text, at);
  const years = two(text, at + 2);
  const month = two(text, at + 5);
  const day = two(text, at + 8);
  if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const between = text.charCodeAt(at + 10);
  if (between !== 84 && between !== 95 && between !== 32) return undefined;
  const clock = clockAt(text, at + 11);
  if (!clock) return undefined;
  const parts = { year: century * 100 + years, month, day, ...timeOf(clock) };
  const comma = text.charCodeAt(at + 19) === 44;
  let end = clock.end;
  const zone = text.charCodeAt(end);
  if (zone === 90) return { parts, offsetMinutes: 0, end: end + 1, comma };
  if (zone !== 43 && zone !== 45) return { parts, end, comma };
  const hours = two(text, end + 1);
  if (hours < 0) return { parts, end, comma };
  const colon = text.charCodeAt(end + 3) === 58;
  const minutes = Math.max(0, two(text, end + (colon ? 4 : 3)));
  end += colon ? 6 : 5;
  return { parts, offsetMinutes: (zone === 45 ? -1 : 1) * (hours * 60 + minutes), end, comma };
}

/** Ms since the epoch of a full date; without a zone it counts as UTC. Undefined when the year is missing. */
export function wallMsOf(parts: HeaderParts, offsetMinutes = 0): number | undefined {
  if (parts.year === undefined) return undefined;
  const { year, month, day, hour, minute, second, ms } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMinutes * 60_000;
}

/**
 * The date inside a bracket of `dmesg -T` in any locale: `Tue Sep 23 02:04:16 2014`, `dim. 19 avril 18:03:30 2026`.
 * Undefined when it holds no time of day. A date whose month has no known name has month 0.
 */
export function looseDate(inside: string): HeaderParts | undefined {
  let clock: ReturnType<typeof clockAt>;
  let year: number | undefined;
  let day: number | undefined;
  let month: number | undefined;
  for (const word of inside.split(/[ ,\u00a0]+/, 12)) {
    if (word.includes(':')) clock ??= clockAt(word, 0);
    else if (/^\d{4}$/.test(word)) year ??= Number(word);
    else if (/^\d{1,2}\.?$/.test(word)) day ??= Number.parseInt(word, 10);
    else month = monthOf(word) ?? month;
  }
  if (!clock || day === undefined) return undefined;
  return { ...(year === undefined ? {} : { year }), month: month ?? 0, day, ...timeOf(clock) };
}
