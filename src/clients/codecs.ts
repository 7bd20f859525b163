/** Compression codecs of record batches: synchronous, because a batch is opened in the middle of a loop over lines. */
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import snappy from 'snappy';

export interface Codec {
  readonly name: string;
  readonly compress: (bytes: Buffer) => Buffer;
  /** Throws on damaged bytes, and on zlib output beyond the limit. */
  readonly decompress: (bytes: Buffer) => Buffer;
}

/** Chunks of 1 MiB halve the time of zlib's decompression; the default is 16 KiB. */
const ZLIB = { chunkSize: 1_048_576, maxOutputLength: 268_435_456 };

/** By the number in the attributes of a record batch (bits 0 to 2). */
export const CODECS: Readonly<Record<number, Codec>> = {
  1: { name: 'gzip', compress: (bytes) => gzipSync(bytes), decompress: (bytes) => gunzipSync(bytes, ZLIB) },
  2: { name: 'snappy', compress: (bytes) => snappy.compressSync(bytes), decompress: decompressSnappy },
  3: { name: 'lz4', compress: (bytes) => compressFrameSync(bytes), decompress: (bytes) => decompressFrameSync(bytes) },
  4: {
    name: 'zstd',
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (bytes) => zstdDecompressSync(bytes, ZLIB),
  },
};

/** Magic of xerial's framing, which Java clients write: version and compatible version follow, then chunks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = XERIAL_MAGIC.length + 8;

/** Raw snappy, or chunks each preceded by its length (int32). */
function decompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return uncompress(bytes);
  const chunks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end <= at || end > bytes.length)
      throw new RangeError(`snappy chunk at ${at} ends at ${end} of ${bytes.length}`);
    chunks.push(uncompress(bytes.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(chunks);
}

function uncompress(bytes: Buffer): Buffer {
  const plain = snappy.uncompressSync(bytes, { asBuffer: true });
  return typeof plain === 'string' ? Buffer.from(plain) : plain;
}
