/** The outputs that README shows are those of the program: `npm run docs` writes them anew. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-readme-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program as README says, without colours. */
function output(...args: string[]): string {
  const command = [join(root, 'bin', 'oomscope.js'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    cwd: root,
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** The text with what stands between a marker and its end replaced by a code block. */
function withBlock(text: string, marker: string, block: string): string {
  const start = text.indexOf(`<!-- ${marker} -->`);
  const end = text.indexOf('<!-- end -->', start);
  expect(start).toBeGreaterThan(0);
  expect(end).toBeGreaterThan(start);
  return `${text.slice(0, start)}<!-- ${marker} -->\n\`\`\`text\n${block.trim()}\n\`\`\`\n${text.slice(end)}`;
}

it('README shows what npm start and explain print', async () => {
  const demo = output('demo', '--demo-store', join(folder, 'demo.sqlite'));
  expect(demo).toContain('One of them: ');
  expect(demo).toContain('lowmem-exhausted, memory held by slab');
  const summary = demo
    .slice(demo.search(/^\d[\d,]* hosts, /m), demo.indexOf('====='))
    .replace(/in [\d.]+ s \([\d,]+ lines\/s\)/, 'in 0.6 s (11,000 lines/s)');
  const explained = output('explain', join('examples', 'lowmem-exhausted.log'));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const expected = withBlock(withBlock(readme, 'npm start', summary), 'explain', explained);
  await expect(expected).toMatchFileSnapshot(join(root, 'README.md'));
}, 60_000);

it('npm start writes the same documents again for the same seed', () => {
  const counts = () =>
    /(\d+) OOM reports/.exec(output('demo', '--demo-store', join(folder, 'again.sqlite'), '--demo-hosts', '40'))?.[1];
  const first = counts();
  expect(Number(first)).toBeGreaterThan(3);
  expect(counts()).toBe(first);
}, 60_000);
