/** A log file, or standard input, as one text. */
import { createReadStream } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { OomscopeError } from '../tables/errors.ts';

export interface InputText {
  readonly text: string;
  /** Bytes that are no UTF-8; each stands as U+FFFD in the text. */
  readonly invalidBytes: number;
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const UTF16_LE_MARK = Buffer.from([0xff, 0xfe]);

/** What one file may become when it is uncompressed. */
const MOST_BYTES = 1_073_741_824;

/**
 * Reads a file, or standard input for `-`; gzip and zstd are recognised by their first bytes. Rejects with
 * INPUT_NOT_FOUND when it is not there, cannot be read, or is damaged.
 */
export async function readText(path: string): Promise<InputText> {
  const name = path === '-' ? 'standard input' : path;
  try {
    return decodeText(uncompress(await readAll(path === '-' ? process.stdin : createReadStream(path))));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new OomscopeError(
      'INPUT_NOT_FOUND',
      `${name} cannot be read: ${found}. Expected a readable text file, plain, .gz or .zst.`,
      cause,
    );
  }
}

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes =
      typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    length += bytes.length;
    if (length > MOST_BYTES) throw new RangeError(`more than ${MOST_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

function uncompress(bytes: Buffer): Buffer {
  const options = { maxOutputLength: MOST_BYTES };
  if (bytes.subarray(0, 2).equals(GZIP_MAGIC)) return gunzipSync(bytes, options);
  if (bytes.subarray(0, 4).equals(ZSTD_MAGIC)) return zstdDecompressSync(bytes, options);
  return bytes;
}

/** Text of the bytes; UTF-16 with a byte order mark is what Windows shells write when a log is piped to a file. */
export function decodeText(bytes: Buffer): InputText {
  if (bytes.subarray(0, 2).equals(UTF16_LE_MARK)) {
    return { text: new TextDecoder('utf-16le').decode(bytes), invalidBytes: 0 };
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  return { text, invalidBytes: text.includes('\ufffd') ? countInvalid(text, bytes) : 0 };
}

/** U+FFFD counted, less those that the text itself held as EF BF BD. */
function countInvalid(text: string, bytes: Buffer): number {
  const replaced = text.split('\ufffd').length - 1;
  let genuine = 0;
  for (let at = bytes.indexOf('\ufffd'); at >= 0; at = bytes.indexOf('\ufffd', at + 3)) genuine += 1;
  return replaced - genuine;
}
