import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAvroSchema } from '../../../src/clients/avro.ts';

const SCHEMA = {
  type: 'record',
  name: 'Line',
  fields: [
    { name: 'host', type: 'string' },
    { name: 'atNs', type: 'long' },
    { name: 'facility', type: ['null', 'int', 'long'] },
  ],
};

/** web01, 1795406462500000000, the long 0 by the specification: zigzag varints, the branch before a union's value. */
const varintOf = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = value * 2n;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
};
const RECORD = Buffer.from([10, ...Buffer.from('web01'), ...varintOf(1_795_406_462_500_000_000n), 4, 0]);

let folder = '';
const schemaFile = async (text: string): Promise<string> => {
  const path = join(folder, 'schema.avsc');
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomscope-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readAvroSchema', () => {
  it("reads records with and without the registry's header, and times in nanoseconds", async () => {
    const read = readAvroSchema(await schemaFile(JSON.stringify(SCHEMA)));
    const expected = { host: 'web01', atNs: 1_795_406_462_500_000_000n, facility: 0 };
    expect(read(RECORD)).toMatchObject(expected);
    expect(read(Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), RECORD]))).toMatchObject(expected);
  });

  it('reads a record that begins with a zero of its own', async () => {
    const read = readAvroSchema(await schemaFile(JSON.stringify(SCHEMA)));
    expect(read(Buffer.from([0, ...varintOf(7n), 0]))).toMatchObject({ host: '', atNs: 7, facility: null });
  });

  it('throws on a record that is cut or longer than its schema', async () => {
    const read = readAvroSchema(await schemaFile(JSON.stringify(SCHEMA)));
    expect(() => read(RECORD.subarray(0, 8))).toThrow();
    expect(() => read(Buffer.concat([RECORD, Buffer.from([1, 2])]))).toThrow(/the schema ends at byte/);
  });

  it.each([
    ['is not there', undefined, /no such file/],
    ['is not JSON', 'Line', /JSON/],
    ['is no schema', '{"type":"recrd"}', /unknown type/],
    ['is the schema of something else', '"string"', /of type string/],
  ])('says that the file %s', async (_, text, message) => {
    const path = text === undefined ? join(folder, 'none.avsc') : await schemaFile(text);
    expect(() => readAvroSchema(path)).toThrow(message);
    expect(() => readAvroSchema(path)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }));
  });
});
