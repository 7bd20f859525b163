import { describe, expect, it } from 'vitest';
import { undress } from '../../../../src/parser/text/undress.ts';

const textsOf = (text: string) => undress(text).map((line) => line.text);

describe('quoted-printable', () => {
  it('decodes where lines are encoded', () => {
    expect(textsOf('gfp_mask=3D0x0(), order=3D0, oom_sc=\nore_adj=3D0\n')).toEqual([
      'gfp_mask=0x0(), order=0, oom_score_adj=0',
    ]);
  });

  it('leaves alone what was never encoded, in a file of several parts', () => {
    const text = [
      '<p class=3D"note">',
      'order=3, ',
      'oom_score_adj=200',
      'task_memcg=/a,task=x,pid=4503,uid=10',
      ' =====',
    ];
    expect(textsOf(text.join('\n'))).toEqual([
      'order=3, ',
      'oom_score_adj=200',
      'task_memcg=/a,task=x,pid=4503,uid=10',
      ' =====',
    ]);
  });

  it('joins soft ends of a text that holds no other code', () => {
    const line = 'Out of memory: Killed process 4503 (renderd) total-vm:173972kB, anon-rss:10kB, file-rss:0kB';
    expect(textsOf(`${line.slice(0, 75)}=\n${line.slice(75)}\n`)).toEqual([line]);
  });
});

describe('web pages', () => {
  it('takes tags off and ends lines where they do', () => {
    expect(textsOf('<pre><code>a &lt;TASK&gt;\nb</code></pre>\n&gt; c<br>d<br/>\n')).toEqual([
      'a <TASK>',
      'b',
      'c',
      'd',
    ]);
  });

  it('keeps what the kernel itself puts in angle brackets', () => {
    const lines = [' <IRQ>  [<c0105c6e>] ? x+0x1/0x2', ' </TASK>', '<4>[1.000000] x'];
    expect(textsOf(lines.join('\n'))).toEqual(lines);
  });
});

describe('blank lines', () => {
  it('are noted where they are few', () => {
    const lines = undress('a\nb\n\nc\nd\ne\nf\ng\nh\n');
    expect(lines.filter(({ afterBlank }) => afterBlank).map(({ text }) => text)).toEqual(['c']);
  });

  it('say nothing where one follows each line', () => {
    expect(undress('a\n\nb\n\nc\n\n').some(({ afterBlank }) => afterBlank)).toBe(false);
  });
});

it('reads entities by number', () => {
  expect(textsOf('gfp_mask&#61;0xd0, &#91;&lt;c01&#62;&#x5D;&#160;x &#39;y&#39; &bogus; &#1;<br />')).toEqual([
    "gfp_mask=0xd0, [<c01>] x 'y' &bogus; &#1;",
  ]);
});

it('takes off the emphasis of markdown', () => {
  expect(textsOf('**[   12.000001] Mem-Info:\nKilled process 12 (sh) oom_score_adj:0**\nDMA: 2*4kB 1**8kB')).toEqual([
    '[   12.000001] Mem-Info:',
    'Killed process 12 (sh) oom_score_adj:0',
    'DMA: 2*4kB 1**8kB',
  ]);
  expect(textsOf('** 5 printk messages dropped **')).toEqual(['** 5 printk messages dropped **']);
});

it.each([
  ['=0D=0A=\n', 'quoted-printable'],
  ['=0A=\n=0D', 'quoted-printable, turned round'],
])('reads line ends written out: %j', (end) => {
  expect(textsOf(['order=3D0', 'Mem-Info:', 'DMA: empty'].join(end))).toEqual(['order=0', 'Mem-Info:', 'DMA: empty']);
});

it('reads a log that stands in a string', () => {
  const lines = ['Mem-Info:', 'DMA per-cpu:', 'DMA: empty', 'Normal: empty', 'Killed process 12 (sh)'];
  expect(textsOf(`"${lines.join('\\n')}\\n`)).toEqual(lines);
  expect(textsOf(lines.join('\\r\\n'))).toEqual(lines);
  expect(textsOf('one\\ntwo')).toEqual(['one\\ntwo']);
});
