import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/enrich/index.ts';
import { parseText } from '../../../../src/parser/index.ts';

const TABLE = [
  '[  100.000003] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  '[  100.000004] [   4711]   900  4711   412000   239800  2150400        0             0 billingd',
];
const SUMMARY =
  '[  100.000005] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=billingd,pid=4711,uid=900';

describe('a trigger line of which the name is left', () => {
  it.each(['', ':', ': ...', '...', ' [...]'])('opens a report: %s', (end) => {
    const text = [`[  100.000001] mailscand invoked oom-killer${end}`, ...TABLE, SUMMARY].join('\n');
    expect(parseText(text)).toMatchObject([{ trigger: { name: 'mailscand' }, taskCount: 1 }]);
    expect(parseText(text)[0]?.trigger?.gfpMask).toBeUndefined();
    expect(parseText(text)[0]?.missing).toContain('trigger');
  });

  it('is anyone’s words without a time', () => {
    expect(parseText('mailscand invoked oom-killer\nWhy has mailscand invoked oom-killer?')).toEqual([]);
    expect(parseText('[  100.000001] mailscand invoked oom-killer on two of the hosts')).toEqual([]);
  });

  it('goes on with the next line', () => {
    const text = '[  100.000001] mailscand invoked oom-killer:\ngfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n';
    expect(parseText(text)).toMatchObject([{ trigger: { name: 'mailscand', gfpMask: '0xcc0', order: 0 } }]);
  });
});

describe('a kill line that ends behind the pid', () => {
  const kill = '[  100.000006] Out of memory: Killed process 4711';

  it('has the name that the summary or the table gives', () => {
    expect(parseText([SUMMARY, kill].join('\n'))[0]?.kills).toMatchObject([{ pid: 4711, comm: 'billingd' }]);
    expect(parseText([...TABLE, `${kill} ...`].join('\n'))[0]?.kills).toMatchObject([{ pid: 4711, comm: 'billingd' }]);
  });

  it('names nobody alone, and needs the reason of the kernel', () => {
    const [report] = parseText(kill);
    expect(report).toMatchObject({ scope: 'global', kills: [{ pid: 4711, comm: '' }] });
    expect(report?.missing).toContain('kill');
    expect(report && analyse(report).paragraph).toContain('a process (4711)');
    expect(parseText('[  100.000006] Killed process 4711')).toEqual([]);
  });
});

describe('a summary that someone quoted', () => {
  const summaryOf = (text: string) => parseText(text)[0]?.summary;

  it('has blanks after its commas', () => {
    const text =
      '2026-01-04T11:07:37+08:00 kernel: oom-kill:constraint=CONSTRAINT_MEMCG,\n  oom_memcg=/sys.slice/a.scope, task=billing,d, pid=4711, uid=900';
    expect(summaryOf(text)).toMatchObject({ oomMemcg: '/sys.slice/a.scope', task: 'billing,d', pid: 4711, uid: 900 });
  });

  it('leaves out what stands between two fields, and counts as cut', () => {
    const text = '[  100.000005] oom-kill:constraint=CONSTRAINT_NONE, ... task=billingd,pid=4711,uid=900';
    expect(summaryOf(text)).toMatchObject({ constraint: 'CONSTRAINT_NONE', task: 'billingd', pid: 4711 });
    expect(parseText(text)[0]?.missing).toContain('summary');
  });

  it('was cut in its last fields: a number that may go on is none', () => {
    const text = '[  100.000005] oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/,task=billingd,pid=47';
    expect(summaryOf(text)).toMatchObject({ task: 'billingd' });
    expect(summaryOf(text)?.pid).toBeUndefined();
  });
});

it('takes no line of the source for a report', () => {
  const source = [
    '\tpr_warn("%s invoked oom-killer: gfp_mask=%#x(%pGg), order=%d, oom_score_adj=%hd\\n",',
    '\tprintk(KERN_WARNING "%s invoked oom-killer: gfp_mask=0x%x, order=%d, oom_adj=%d\\n",',
    '\tpr_err("%s: Killed process %d (%s) total-vm:%lukB, anon-rss:%lukB\\n",',
    '\tpr_info("[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\\n");',
    '\tpr_info("memory: usage %llukB, limit %llukB, failcnt %lu\\n",',
    '\tpr_info("oom-kill:constraint=%s,nodemask=%*pbl",',
    '\tpanic("Out of memory: %s panic_on_oom is enabled\\n",',
  ];
  expect(parseText(source.join('\n'))).toEqual([]);
  expect(parseText(source.map((line) => `> -${line}`).join('\n'))).toEqual([]);
});
