import { describe, expect, it } from 'vitest';
import { createParser } from '../../../src/parser/index.ts';
import { HIGHMEM_32, streamOf } from './fixtures.ts';

const HOSTS = 100_000;
const LIMIT_BYTES = 16 * 2 ** 20;
const OPENER = 'liar invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0';

const lineOf = (host: string, text: string, offset: number) =>
  ({ host, text, bootUs: 5_000_000, position: { topic: 't', partition: 0, offset }, trust: 'facility' }) as const;

describe('a flood of hosts that each open a report', { timeout: 60_000 }, () => {
  it.each([
    ['one line each', [OPENER]],
    ['two lines each', [OPENER, 'liar cpuset=/ mems_allowed=0']],
  ])('of %s stays within the limit, in linear time, and costs an honest host nothing', (_, texts) => {
    const parser = createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: LIMIT_BYTES });
    const honest = streamOf(HIGHMEM_32, 'honest');
    const every = Math.floor(HOSTS / honest.length);
    const emitted = [];
    let most = 0;
    for (let host = 0; host < HOSTS; host += 1) {
      for (const text of texts) emitted.push(parser.push(lineOf(`flood${host}`, text, host)).length);
      const line = host % every === 0 ? honest[host / every] : undefined;
      if (line) expect(parser.push(line).filter((report) => report.host === 'honest')).toEqual([]);
      if (parser.stats.heldBytes > most) most = parser.stats.heldBytes;
    }
    expect(most).toBeLessThanOrEqual(LIMIT_BYTES * 1.1);
    const count = emitted.reduce((sum, each) => sum + each, 0);
    expect(count).toBe(parser.stats.evictedReports);
    const rest = parser.end();
    expect(count + rest.length).toBe(HOSTS + 1);
    const [report] = rest.filter(({ host }) => host === 'honest');
    expect(report).toMatchObject({ complete: true, truncated: false });
  });

  it('forgets what it held of a partition that is taken away', () => {
    const parser = createParser({ idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: LIMIT_BYTES });
    for (let host = 0; host < 5_000; host += 1) parser.push(lineOf(`flood${host}`, OPENER, host));
    expect(parser.stats.heldBytes).toBeGreaterThan(1_000_000);
    parser.reset('t', 0);
    expect(parser.stats).toMatchObject({ heldBytes: 0, openReports: 0 });
  });
});
