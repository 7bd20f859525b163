/** Names out of a log reach no terminal as they are, whatever command shows them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { openReportDatabase } from '../../../src/clients/index.ts';
import { toWrite } from '../../../src/document/index.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { systemClock } from '../../../src/ops/index.ts';
import { parseText } from '../../../src/parser/index.ts';
import { createSqliteSink } from '../../../src/sink/index.ts';
import { askDatabase, QUESTIONS } from '../../../src/store/index.ts';
import { answerScreen, fleetScreen } from '../../../src/view/index.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'oomscope-hostile-'));

/** Clears the screen (by C1), turns the text around, hides; at most 15 bytes, as a comm. The host sets a title (by ESC). */
const HOSTILE_COMM = 'a\u009b2J\u202e\u200bz';
const HOSTILE_HOST = 'h\u001b]0;x\u0007\u2066\u0085y';
const HOSTILE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** An example of the simulator, its victim renamed. */
const example = readFileSync(join(root, 'examples', 'lowmem-exhausted.log'), 'utf8');
const log = join(folder, 'hostile.log');
const database = join(folder, 'hostile.sqlite');

const oomscope = (...args: string[]) =>
  run(process.execPath, [join(root, 'bin', 'oomscope.js'), ...args], { maxBuffer: 33_554_432 }).catch(
    ({ stdout, stderr, code }: { stdout: string; stderr: string; code: number }) => ({ stdout, stderr, code }),
  );

const victimOf = (text: string): string => /Kill(?:ed)? process \d+,? ?\(?([^)\s,]+)/.exec(text)?.[1] ?? '';

beforeAll(async () => {
  const victim = victimOf(example);
  expect(victim).not.toBe('');
  const text = example.replaceAll(victim, HOSTILE_COMM);
  writeFileSync(log, text);
  const opened = openReportDatabase(database);
  const sink = createSqliteSink(opened, systemClock);
  for (const report of parseText(text, { path: 'x' })) {
    const hostile = { ...report, host: HOSTILE_HOST };
    const write = toWrite(hostile, analyse(hostile));
    const document = { ...write.document, '@timestamp': new Date().toISOString() };
    await sink.write({ ...write, document });
  }
  await sink.flush();
  opened.close();
});

describe('hostile names', () => {
  it('are in what the tests give', () => {
    expect(readFileSync(log, 'utf8')).toMatch(HOSTILE);
  });

  it.each([['explain'], ['explain', '--json']])('are escaped by %s %s', async (...args) => {
    const { stdout, stderr } = await oomscope(...args, log);
    expect(stdout.includes('9b2J')).toBe(true);
    expect(HOSTILE.exec(stdout + stderr)).toBeNull();
    if (args.includes('--json')) expect(JSON.parse(stdout).process.name).toBe(HOSTILE_COMM);
  });

  it.each(['victims', 'at-risk'])('are escaped by query %s', { timeout: 20_000 }, async (name) => {
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await oomscope('query', name, '--store', database, '--since', '400d', ...more);
      expect(stdout).toMatch(/\\x9b2J|\\u009b2J|\\x1b\]0|\\u001b\]0/);
      expect(stdout + stderr).not.toMatch(HOSTILE);
    }
  });

  it.each(QUESTIONS.map((question) => [question.name, question] as const))(
    'are escaped in the answer to %s',
    (_, question) => {
      const opened = openReportDatabase(database);
      const answer = askDatabase(opened, question, { interval: 'week', last: 400, unit: 'd' });
      opened.close();
      expect(answer.columns.length).toBeGreaterThan(0);
      expect(answerScreen(question.title, 'ever', answer)).not.toMatch(HOSTILE);
    },
  );

  it('are escaped in messages about files', async () => {
    for (const path of [join(folder, `no${HOSTILE_COMM}`), `${log}${HOSTILE_HOST}`]) {
      const { stderr } = await oomscope('explain', path);
      expect(stderr).toContain(path.includes('\u001b') ? '\\x1b' : '\\x9b');
      expect(stderr).not.toMatch(HOSTILE);
    }
  });

  it('are escaped in the log, which stays JSON', async () => {
    const script = `import { createLogger } from '${join(root, 'src', 'ops', 'index.ts')}';
      createLogger('info').event('report-emitted', { host: process.argv[1], error: new Error(process.argv[1]) });`;
    const host = HOSTILE_HOST + HOSTILE_COMM;
    const { stderr } = await run(process.execPath, ['--input-type=module', '-e', script, host]);
    expect(stderr).not.toMatch(HOSTILE);
    expect(JSON.parse(stderr).host).toBe(host);
  });

  it('are escaped on the screen of the demo', () => {
    const counted = [{ value: HOSTILE_COMM, count: 1 }];
    const screen = fleetScreen({
      hosts: 1,
      lines: 1,
      seconds: 1,
      reports: 1,
      verdicts: counted,
      holders: counted,
      kernels: counted,
      victims: counted,
      highmemHosts: [HOSTILE_HOST],
    });
    expect(screen).toContain('\\x9b2J');
    expect(screen).not.toMatch(HOSTILE);
  });
});
