/**
 * Kernel lines inside JSON of any shape: what Docker, Loki, CloudWatch, Cloud Logging, Elasticsearch, Splunk, Graylog,
 * LAVA and Ansible write, one object per line or one document for the whole file.
 */
import type { PhysicalLine } from './undress.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Keys under which such tools put the text of a line, the most telling first. */
const KEYS = [
  'MESSAGE',
  'message',
  'msg',
  'log',
  'line',
  'textPayload',
  'short_message',
  '_raw',
  'stdout',
  'stdout_lines',
] as const;

/** Keys of the time at which the line was written or received; an object around that with the text may have it. */
const TIMES = ['@timestamp', 'timestamp', 'time', '_time', 'dt'] as const;

/** Objects lie no deeper in one another: `{"hits":{"hits":[{"_source":{"message":...}}]}}`. */
const MAX_DEPTH = 8;
/** A printed object has no more lines. */
const MAX_OBJECT_LINES = 400;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text or texts of an object's own, as they stand in it; undefined without any. */
export function messageOf(fields: Fields): string | readonly unknown[] | undefined {
  for (const key of KEYS) {
    const value = fields[key];
    if (typeof value === 'string' || (Array.isArray(value) && value.length > 0)) return value;
  }
  return undefined;
}

/**
 * The objects of a JSON value that hold a text, in their order, and the texts of lists: Loki's pairs of time and line.
 * A text alone comes as an object with a `message`.
 */
export function messagesIn(value: unknown, depth = 0, outerTime?: string): Fields[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) {
    const [nanoseconds, line] = value as readonly unknown[];
    const isPair = value.length === 2 && typeof line === 'string' && /^\d{19}$/.test(String(nanoseconds));
    if (isPair) return [{ message: line, __REALTIME_TIMESTAMP: String(nanoseconds).slice(0, 16) }];
    return value.flatMap((each: unknown) => messagesIn(each, depth + 1, outerTime));
  }
  if (!isFields(value)) return [];
  const time = timeOf(value) ?? outerTime;
  if (messageOf(value) !== undefined) return [time === undefined ? value : { '@timestamp': time, ...value }];
  return Object.values(value).flatMap((each) => messagesIn(each, depth + 1, time));
}

/** The time that an object states as text; undefined without one. */
export function timeOf(fields: Fields): string | undefined {
  for (const key of TIMES) {
    const value = fields[key];
    if (typeof value === 'string' && /^\d{4}-/.test(value)) return value;
  }
  return undefined;
}

/** A JSON value; undefined where the text is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a line holds from its first `{` on: `- {"dt": ...}`, `data: {...}`, `2024-05-07T03:04:05+00:00	kern.log	{...}`. */
export function objectIn(line: string): unknown {
  const at = line.indexOf('{"');
  if (at < 0 || at > 200) return undefined;
  const end = line.lastIndexOf('}');
  return end < at || line.length - end > 3 ? undefined : parsed(line.slice(at, end + 1));
}

/** An object printed over several lines, from `{` to `}` in the first column, as one line; other lines as they are. */
export function rejoinObjects(lines: readonly PhysicalLine[]): PhysicalLine[] {
  const out: PhysicalLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    const end = line.text === '{' ? closing(lines, at) : undefined;
    if (end === undefined) out.push(line);
    else {
      const text = lines
        .slice(at, end + 1)
        .map((each) => each.text.trim())
        .join('')
        .replace(/,$/, '');
      out.push({ ...line, text });
      at = end;
    }
  }
  return out;
}

function closing(lines: readonly PhysicalLine[], from: number): number | undefined {
  for (let at = from + 1; at < lines.length && at - from < MAX_OBJECT_LINES; at += 1) {
    const text = lines[at]?.text;
    if (text === '}' || text === '},') return at;
    if (text?.startsWith('{')) return undefined;
  }
  return undefined;
}
