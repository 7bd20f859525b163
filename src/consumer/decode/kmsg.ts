/**
 * Raw /dev/kmsg records: `6,30574067,3816544225424,-;Out of memory: ...`.
 *
 * Source: Documentation/ABI/testing/dev-kmsg, since 3.5. The facility is trustworthy: a process that writes to /dev/kmsg
 * can't set 0.
 */
import type { Envelope } from './record.ts';

/** Number, sequence number, microseconds since boot, then flags and further fields that may be absent. */
const HEADER = /^(\d{1,5}),\d{1,20},(\d{1,16})((?:,[^,;\n]{0,64}){0,8});/;

/** Reads a kmsg record; undefined when the text is none. */
export function readKmsg(text: string): Envelope | undefined {
  const match = HEADER.exec(text);
  if (!match) return undefined;
  const number = Number(match[1]);
  const [body = '', ...rest] = text.slice(match[0].length).split('\n');
  // Lines that begin with a blank are `KEY=value` pairs of the record, not text.
  const lines = [body, ...rest.filter((line) => line !== '' && !line.startsWith(' '))];
  return {
    shape: 'kmsg',
    text: lines.map(unescapeBytes).join('\n'),
    facility: number >> 3,
    severity: number & 7,
    bootUs: Number(match[2]),
    callerId: /,caller=([TC]\d+)/.exec(match[3] ?? '')?.[1],
  };
}

/** `\x0a` to the byte it stands for; bytes of 0x80 and above are left as they are printed. */
function unescapeBytes(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/\\x([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
