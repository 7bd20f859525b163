import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-explain-'));
const report = join(root, 'examples', 'lowmem-exhausted.log');

afterAll(() => rmSync(folder, { recursive: true }));

const explain = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'bin', 'oomscope.js'), 'explain', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Document {
  readonly event: Readonly<Record<string, unknown>>;
  readonly oom: { readonly findings: readonly string[] };
}

describe('explain --context', { timeout: 60_000 }, () => {
  it('adds what the files tell, and nothing of the identity changes', () => {
    const settings = file('sysctl.txt', 'vm.min_free_kbytes = 8192\n');
    const counters = file('top.txt', 'Mem:  33204440k total, 32688600k used,   515840k free\n');
    const screen = explain('--context', settings, '--context', counters, report);
    expect(screen.stderr).toBe('');
    expect(screen.stdout).toContain('vm.min_free_kbytes 8192 gives exactly the printed marks');
    expect(screen.stdout).toContain("top shows exactly the report's 33204440 kB of memory");
    const document = (...args: string[]) => JSON.parse(explain('--json', ...args, report).stdout) as Document;
    const [alone, both] = [document(), document('--context', settings)];
    expect(both.oom.findings).toEqual([...alone.oom.findings, 'setting-explains-marks']);
    expect(both.event).toEqual(alone.event);
  });

  it('names a file that is not there and one that holds nothing', () => {
    const missing = explain('--context', join(folder, 'none.txt'), report);
    expect(missing.status).toBe(3);
    expect(missing.stderr).toContain('none.txt cannot be read');
    expect(missing.stdout).toBe('');
    const empty = explain('--context', file('notes.txt', 'rebooted at noon\n'), report);
    expect(empty.status).toBe(0);
    expect(empty.stderr).toContain('notes.txt holds no output of sysctl vm');
  });
});
