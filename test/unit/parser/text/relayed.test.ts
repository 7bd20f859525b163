import { describe, expect, it } from 'vitest';
import { linesOfText } from '../../../../src/parser/text/lines.ts';

const linesOf = (text: string) =>
  linesOfText(text).map(({ text: line, host, bootUs }) => ({ text: line, host, bootUs }));

describe('a prefix in front of a prefix', () => {
  it('is that of a relay', () => {
    expect(linesOf('Sep 23 02:04:17 hub kernel: Sep 23 02:04:16 web1 kernel: [ 1772.850644] Mem-Info:')).toEqual([
      { text: 'Mem-Info:', host: 'web1', bootUs: 1_772_850_644 },
    ]);
  });

  it('is that of a container runtime', () => {
    expect(linesOf('2023-04-05T06:07:08.123456789Z stdout F [ 1772.850644] Mem-Info:')).toEqual([
      { text: 'Mem-Info:', host: '', bootUs: 1_772_850_644 },
    ]);
  });

  it('is unknown, and stands in front of lines without a stamp too', () => {
    const text = ['Mem-Info:', 'active_anon:1 inactive_anon:2 isolated_anon:3', 'Free swap  = 0kB', 'Total swap = 0kB']
      .map(
        (line, index) =>
          `node7|kmsg|00${index}| [12.00000${index}] ${line}\nnode7|kmsg|00${index}|             rest:${index}`,
      )
      .join('\n');
    expect(linesOf(text).map((line) => line.text.trim())).not.toContainEqual(expect.stringContaining('kmsg'));
  });
});

describe('lines before the first header', () => {
  it('belong to the one host of the file', () => {
    const hosts = linesOf('[ 65.470256] x\nApr  4 09:08:53 web1 kernel: [ 65.481992] y').map(({ host }) => host);
    expect(hosts).toEqual(['web1', 'web1']);
  });

  it('belong to none of several', () => {
    const hosts = linesOf('[ 65.470256] x\nApr  4 09:08:53 web1 kernel: y\nApr  4 09:08:53 web2 kernel: z').map(
      ({ host }) => host,
    );
    expect(hosts).toEqual(['', 'web1', 'web2']);
  });
});
