import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../../src/consumer/file.ts';

let folder = '';
const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomscope-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readText', () => {
  it('reads plain, gzip and zstd alike, whatever the name', async () => {
    const text = 'Mem-Info:\nNode 0 active_anon:1kB\n';
    for (const bytes of [Buffer.from(text), gzipSync(text), zstdCompressSync(text)]) {
      expect(await readText(await write('log', bytes))).toEqual({ text, invalidBytes: 0 });
    }
  });

  it('counts what is no UTF-8, and not the replacement characters that the log holds itself', async () => {
    const bytes = Buffer.concat([Buffer.from('a\ufffdb'), Buffer.from([0xff]), Buffer.from('c'), Buffer.from([0xfe])]);
    expect(await readText(await write('odd', bytes))).toEqual({ text: 'a\ufffdb\ufffdc\ufffd', invalidBytes: 2 });
  });

  it('reads the UTF-16 of a Windows shell, and no byte order mark as text', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Mem-Info:', 'utf16le')]);
    expect((await readText(await write('utf16', utf16))).text).toBe('Mem-Info:');
    expect((await readText(await write('bom', '\ufeffMem-Info:'))).text).toBe('Mem-Info:');
  });

  it('names the file that is not there, or damaged', async () => {
    await expect(readText(join(folder, 'none.log'))).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: expect.stringContaining('none.log'),
    });
    const cut = gzipSync('x'.repeat(1_000)).subarray(0, 20);
    await expect(readText(await write('cut.gz', cut))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await expect(readText(folder)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });
});
