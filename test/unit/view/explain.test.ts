import { describe, expect, it } from 'vitest';
import type { OomReport } from '../../../src/domain.ts';
import { analyse } from '../../../src/enrich/index.ts';
import { ANSI, explainScreen, PLAIN } from '../../../src/view/explain.ts';
import { seedReport } from '../../support/seed-report.ts';
import { kill, report, trigger, zone } from '../enrich/build.ts';

const screen = (input: OomReport): string => explainScreen(input, analyse(input), PLAIN);

/** The text after a label, to the next label, on one line. */
function row(text: string, label: string): string | undefined {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${label} `));
  if (first < 0) return undefined;
  const rest = lines.slice(first + 1);
  const more = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith(' '.repeat(11))),
  );
  return [lines[first]?.slice(label.length) ?? '', ...more].map((line) => line.trim()).join(' ');
}

const short = zone('Normal', { free: 500, min: 600, low: 700, high: 800 }, [0, 0, 0, 0, 0]);

describe('the request', () => {
  it('is told with its mask and where it may come from', () => {
    const text = screen(report('5.10.0', { trigger: trigger('0xcc0', 2, 'GFP_KERNEL'), zones: [short] }));
    expect(row(text, 'Request')).toBe(
      'worker asked for 4 pages in a row (order 2), gfp_mask 0xcc0 = GFP_KERNEL, from zone Normal downwards',
    );
  });

  it('names no zone where a cgroup was at its limit', () => {
    const text = screen(report('5.10.0', { scope: 'memcg', trigger: trigger('0xcc0', 0, 'GFP_KERNEL') }));
    expect(row(text, 'Request')).toBe('worker asked for 1 page (order 0), gfp_mask 0xcc0 = GFP_KERNEL');
  });

  it('is none where SysRq or a page fault called the killer', () => {
    expect(row(screen(report('5.10.0', { trigger: trigger('0xcc0', -1, 'GFP_KERNEL') })), 'Request')).toMatch(
      /^none; /,
    );
    expect(row(screen(report('4.9.0', { trigger: trigger('0x0', 0, '') })), 'Request')).toMatch(/^none printed; /);
  });
});

describe('the screen', () => {
  it('tells what weakens the answer, and nothing where nothing does', () => {
    const request = { trigger: trigger('0xcc0', 0, 'GFP_KERNEL'), zones: [{ ...short, freeKb: 2600 }] };
    expect(row(screen(report('5.10.0', request)), 'Doubts')).toContain('passes MIN and fails only HIGH');
    expect(row(screen(seedReport), 'Doubts')).toBeUndefined();
  });

  it('shows what fills a cgroup, unless its statistics are lost', () => {
    const memcg = { path: '/a', usageKb: 1000, limitKb: 1000, line: 0 };
    const stats = { stats: { anon: 900 * 1024 }, statsUnit: 'Bytes' as const };
    expect(screen(report('5.10.0', { scope: 'memcg', memcg: { ...memcg, ...stats } }))).toContain(
      'What fills cgroup /a',
    );
    expect(screen(report('5.10.0', { scope: 'memcg', memcg: { ...memcg, stats: {} } }))).not.toContain('What fills');
  });

  it('lets no name of a process reach the terminal with control characters', () => {
    const text = screen(report('5.10.0', { kills: [kill(1, '\u001b[2Jevil\u0007', 4)] }));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    expect(text).toContain('evil');
  });

  it('is emphasised on a terminal only', () => {
    const analysis = analyse(seedReport);
    expect(explainScreen(seedReport, analysis, ANSI)).toContain('\u001b[1mlowmem-exhausted');
    expect(explainScreen(seedReport, analysis, PLAIN)).not.toContain('\u001b');
  });
});
