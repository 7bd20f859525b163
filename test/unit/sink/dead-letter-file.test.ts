import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../../src/ports.ts';
import { createDeadLetterFile, openDeadLetterFile } from '../../../src/sink/dead-letter-file.ts';
import { openLetters } from '../../../src/sink/letter-archive.ts';
import { ManualClock } from '../../support/fakes.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oomscope-'));
  path = join(folder, 'letters.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const letter = (offset: number, error = 'binary'): DeadLetter => {
  const place = { topic: 'demo', partition: 0, offset };
  return { reason: 'undecodable', error, bytes: Uint8Array.of(1), positions: { first: place, last: place } };
};

async function put(...letters: readonly DeadLetter[]): Promise<void> {
  const file = createDeadLetterFile(path, new ManualClock(1_000));
  for (const each of letters) await file.put(each);
  await file.close();
}

async function idsOf(archive = openDeadLetterFile(path)): Promise<string[]> {
  return (await openLetters(archive)).map(({ summary }) => summary.id);
}

describe('the letters of a file', () => {
  it('are none without the file, and reading makes none', async () => {
    expect(await idsOf()).toEqual([]);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('are read, long ones too, each found again at its place', async () => {
    await put(letter(1), letter(2, 'é'.repeat(300_000)), letter(3));
    const archive = openDeadLetterFile(path);
    const open = await openLetters(archive);
    expect(open.map(({ summary }) => summary.id).sort()).toEqual(['demo/0/1', 'demo/0/2', 'demo/0/3']);
    for (const { summary, place } of open) {
      expect(await archive.entryAt(place)).toMatchObject({ kind: 'letter', key: summary.id });
    }
    expect(await archive.entryAt({ partition: 0, offset: 10_000_000 })).toBeUndefined();
  });

  it('are no longer open once resolved, and open again when refused anew', async () => {
    await put(letter(1), letter(2));
    const archive = openDeadLetterFile(path);
    const [first] = (await openLetters(archive)).filter(({ summary }) => summary.id === 'demo/0/1');
    await archive.resolve(first?.ranges ?? []);
    expect(await idsOf(archive)).toEqual(['demo/0/2']);
    await archive.close();
    await put(letter(1));
    expect((await idsOf()).sort()).toEqual(['demo/0/1', 'demo/0/2']);
  });

  it('are not hurt by a line that a crash cut', async () => {
    await put(letter(1));
    appendFileSync(path, '{"reason":"unde');
    await put(letter(2));
    const open = await openLetters(openDeadLetterFile(path));
    expect(open.map(({ summary }) => summary.reason).sort()).toEqual(['undecodable', 'undecodable', 'unreadable']);
  });

  it('name the file that cannot be read', async () => {
    await expect(idsOf(openDeadLetterFile(join(folder, '\0')))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    writeFileSync(path, 'x');
    await expect(idsOf(openDeadLetterFile(join(path, 'below')))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });
});
