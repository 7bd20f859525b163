/** A dead letter as JSON: the one shape that every kind of dead letters stores and reads back. */
import { HOST_INDEX_PREFIX, INDEX_PREFIX } from '../document/index.ts';
import type { Position } from '../domain.ts';
import type { DeadLetter, DocumentWrite, StoredLetter } from '../ports.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * One line of JSON without its newline: time, reason, error, positions, and the refused document with id, index, version
 * and what it supersedes, or the bytes of an undecodable record in base64.
 */
export function letterJson(letter: DeadLetter, atMs: number): string {
  const { write, bytes } = letter;
  return JSON.stringify({
    ...headOf(letter, atMs),
    ...(write && { document: write.document }),
    ...(bytes && { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }),
  });
}

/** Errors of Elasticsearch may quote the value that they refuse. */
const MOST_ERROR_LENGTH = 4_096;

/** The letter without document and bytes, for a storage that has no room for them; it says what it lacks. */
export function shortLetterJson(letter: DeadLetter, atMs: number): string {
  const { write, bytes } = letter;
  const head = headOf({ ...letter, error: letter.error.slice(0, MOST_ERROR_LENGTH) }, atMs);
  const omitted = write
    ? { what: 'document', bytes: Buffer.byteLength(JSON.stringify(write.document)) }
    : { what: 'bytes', bytes: bytes?.byteLength ?? 0 };
  return JSON.stringify({ ...head, omitted });
}

/** The id by which a letter is found: that of the document, else `topic/partition/offset` of the record. */
export function letterId({ write, positions }: DeadLetter): string {
  const { topic, partition, offset } = positions.first;
  return write?.id ?? `${topic}/${partition}/${offset}`;
}

function headOf(letter: DeadLetter, atMs: number): Fields {
  const { reason, error, positions, write } = letter;
  const host = write && hostOf(write.document);
  return {
    at: new Date(atMs).toISOString(),
    reason,
    error,
    positions,
    ...(host !== undefined && { host }),
    ...(write && { id: write.id, index: write.index, version: write.version, supersedes: write.supersedes }),
  };
}

function hostOf(document: Fields): string | undefined {
  const { host } = document;
  const name = isFields(host) ? host['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/**
 * Reads a letter; what is none comes back as the reason, for a storage may hold anything. Letters of versions that wrote
 * no time and no superseded readings are read too.
 */
export function readLetter(text: string): StoredLetter | string {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isFields(fields)) return 'it is not a JSON object';
  const { at, reason, error, document, bytes, omitted } = fields;
  if (reason !== 'rejected' && reason !== 'undecodable') return 'its reason is neither rejected nor undecodable';
  if (typeof error !== 'string') return 'it states no error';
  const positions = readPositions(fields['positions']);
  if (!positions) return 'it states no source positions';
  const write = isFields(document) ? readWrite(fields, document, positions) : undefined;
  if (typeof write === 'string') return write;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  const host = isFields(document) ? hostOf(document) : fields['host'];
  const { topic, partition, offset } = positions.first;
  return {
    id: typeof fields['id'] === 'string' ? fields['id'] : `${topic}/${partition}/${offset}`,
    reason,
    error,
    positions,
    ...(Number.isNaN(atMs) ? {} : { atMs }),
    ...(typeof host === 'string' && { host }),
    ...(write && { write }),
    ...(typeof bytes === 'string' && { bytes: Buffer.from(bytes, 'base64') }),
    ...(isOmitted(omitted) && { omitted }),
  };
}

/**
 * A letter that names another index than those of the reports and the inventory is none of ours: nobody is to write
 * anywhere through a letter.
 */
function readWrite(fields: Fields, document: Fields, positions: DocumentWrite['positions']): DocumentWrite | string {
  const { id, index, version } = fields;
  const supersedes = fields['supersedes'] ?? [];
  if (typeof id !== 'string' || id === '') return 'its document has no id';
  if (!isIndex(index)) return `its index is not ${INDEX_PREFIX}* or ${HOST_INDEX_PREFIX}*`;
  if (!isWholeNumber(version)) return 'its document has no version';
  if (!Array.isArray(supersedes) || !supersedes.every(isSuperseded)) return 'what it supersedes cannot be read';
  return { id, index, version, document, supersedes, positions };
}

function readPositions(value: unknown): DeadLetter['positions'] | undefined {
  if (!isFields(value)) return undefined;
  const { first, last } = value;
  return isPosition(first) && isPosition(last) ? { first, last } : undefined;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWholeNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isPosition = (value: unknown): value is Position =>
  isFields(value) &&
  typeof value['topic'] === 'string' &&
  isWholeNumber(value['partition']) &&
  isWholeNumber(value['offset']);

/** `oom-report-2026.09.01`, `oom-host-1`; Elasticsearch takes no wildcard and no list in a write, and neither is wanted here. */
const isIndex = (value: unknown): value is string =>
  typeof value === 'string' &&
  [INDEX_PREFIX, HOST_INDEX_PREFIX].some(
    (prefix) => value.startsWith(prefix) && /^[0-9.]+$/.test(value.slice(prefix.length)),
  );

const isSuperseded = (value: unknown): value is DocumentWrite['supersedes'][number] =>
  isFields(value) && typeof value['id'] === 'string' && isIndex(value['index']);

const isOmitted = (value: unknown): value is NonNullable<StoredLetter['omitted']> =>
  isFields(value) && (value['what'] === 'document' || value['what'] === 'bytes') && isWholeNumber(value['bytes']);
