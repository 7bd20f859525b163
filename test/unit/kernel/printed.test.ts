import { describe, expect, it } from 'vitest';
import type { KernelFacts, SectionName } from '../../../src/domain.ts';
import { missingSections, type PrintedEvent } from '../../../src/kernel/printed.ts';

const event = (kernel: Partial<KernelFacts>, more: Partial<PrintedEvent> = {}): PrintedEvent => ({
  kernel: { evidence: [], ...kernel },
  scope: 'global',
  ending: 'kill',
  present: new Set<SectionName>(['kill']),
  cut: new Set(),
  unbrokenTail: false,
  x86: true,
  allocationFailure: false,
  ...more,
});

describe('missingSections', () => {
  it.each<[string, PrintedEvent, SectionName[]]>([
    ['2.4 prints the kill line alone', event({ until: [2, 4, 32] }), []],
    [
      '2.6.10 prints no header, trace and totals',
      event({ version: [2, 6, 10] }),
      ['trigger', 'mem-info', 'zones', 'buddy'],
    ],
    [
      '2.6.18 has no task header',
      event({ version: [2, 6, 18] }),
      ['trigger', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals'],
    ],
    [
      '2.6.32 has no table by default',
      event({ version: [2, 6, 32] }),
      ['trigger', 'task-header', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals'],
    ],
    [
      '3.8 prints the memory for a cgroup too',
      event({ version: [3, 8, 0] }, { scope: 'memcg' }),
      ['trigger', 'task-header', 'call-trace', 'mem-info', 'zones', 'buddy', 'totals', 'task-table'],
    ],
    [
      '4.14 does not',
      event({ version: [4, 14, 0] }, { scope: 'memcg' }),
      ['trigger', 'task-header', 'call-trace', 'task-table'],
    ],
    [
      '5.10 has the summary',
      event({ version: [5, 10, 0] }, { scope: 'memcg' }),
      ['trigger', 'task-header', 'call-trace', 'task-table', 'summary'],
    ],
    [
      'RHEL 8 has it too',
      event({ version: [4, 18, 0], vendor: 'rhel8', release: '4.18.0-553.8.1.el8_10.x86_64' }, { scope: 'memcg' }),
      ['trigger', 'task-header', 'call-trace', 'task-table', 'summary'],
    ],
    [
      'an unbroken tail means that the table was switched off',
      event({ version: [5, 10, 0] }, { scope: 'memcg', unbrokenTail: true }),
      ['trigger', 'task-header', 'call-trace', 'summary'],
    ],
    [
      'a panic kills nobody',
      event({ version: [5, 10, 0] }, { scope: 'memcg', ending: 'panic', present: new Set() }),
      ['trigger', 'task-header', 'call-trace', 'task-table'],
    ],
    [
      'a trigger alone lacks what every kind prints',
      event({ since: [5, 2, 0] }, { scope: 'unknown', present: new Set(['trigger']) }),
      ['task-header', 'call-trace', 'task-table', 'summary', 'kill'],
    ],
    ['what is cut is missing', event({ until: [2, 4, 32] }, { cut: new Set(['kill']) }), ['kill']],
  ])('%s', (_, given, missing) => {
    expect(missingSections(given)).toEqual(missing);
  });
});
