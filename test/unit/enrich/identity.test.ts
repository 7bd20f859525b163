import { describe, expect, it } from 'vitest';
import type { Anchor, OomReport } from '../../../src/domain.ts';
import { ANALYZER_REVISION, identify } from '../../../src/enrich/identity.ts';
import { seedReport } from '../../support/seed-report.ts';
import { report, trigger } from './build.ts';

const anchor = (parts: Partial<Anchor> = {}): Anchor => ({ kind: 'kill', pid: 42, comm: 'worker', line: 0, ...parts });
const idWith = (parts: Partial<OomReport>): string => identify(report('5.10.0', parts)).id;

describe('the identity of a report', () => {
  it('is 64 hex digits and the same for the same event, wherever it was read', () => {
    const { id } = identify(seedReport);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const elsewhere = { topic: 'other', partition: 9, offset: 77 };
    expect(
      identify({ ...seedReport, firstPosition: elsewhere, lastPosition: elsewhere, lines: [], recognisedLines: 3 }).id,
    ).toBe(id);
  });

  it('is stable across versions of the program', () => {
    expect(idWith({ host: 'node-17', anchor: anchor({ bootUs: 1_500_000 }) })).toBe(
      '96e42fe8f6722bb270b6d6392174fea1bf7f780f446463415e41f6aadfb6d1ea',
    );
  });

  it.each([
    ['host', { host: 'node-18', anchor: anchor({ bootUs: 1 }) }],
    ['pid', { anchor: anchor({ pid: 43, bootUs: 1 }) }],
    ['name', { anchor: anchor({ comm: 'other', bootUs: 1 }) }],
    ['instant', { anchor: anchor({ bootUs: 2 }) }],
    ['kind', { anchor: anchor({ kind: 'other', bootUs: 1 }) }],
  ] as [string, Partial<OomReport>][])('differs with the %s', (_what, parts) => {
    expect(idWith(parts)).not.toBe(idWith({ anchor: anchor({ bootUs: 1 }) }));
  });

  it('rests on the boot stamp, else on the second of the header, else on the second of the record', () => {
    const base = { headerStamp: 'Sep  3 02:04:16', observedAtMs: 1_000_900 };
    expect(idWith({ anchor: anchor({ ...base, bootUs: 7 }) })).toBe(idWith({ anchor: anchor({ bootUs: 7 }) }));
    expect(idWith({ anchor: anchor(base) })).toBe(idWith({ anchor: anchor({ ...base, observedAtMs: 5 }) }));
    expect(idWith({ anchor: anchor({ observedAtMs: 1_000_900 }) })).toBe(
      idWith({ anchor: anchor({ observedAtMs: 1_000_100 }) }),
    );
    expect(idWith({ anchor: anchor({ observedAtMs: 1_000_900 }) })).not.toBe(
      idWith({ anchor: anchor({ observedAtMs: 1_001_100 }) }),
    );
  });

  it('knows the id that a reading of the trigger alone has had', () => {
    const full = identify(seedReport);
    const { triggerAnchor } = seedReport;
    if (!triggerAnchor) throw new Error('the seed report has a trigger anchor');
    // Before the task header arrived the pid was not known: it must not count.
    const { pid: _pid, ...early } = triggerAnchor;
    const { pid: _triggerPid, ...line } = seedReport.trigger ?? { line: 0 };
    const { triggerAnchor: _none, ...rest } = seedReport;
    const head = identify({ ...rest, trigger: line, kills: [], anchor: early, recognisedLines: 1 });
    expect(full.triggerId).toBe(head.id);
    expect(head.triggerId).toBeUndefined();
    expect(full.id).not.toBe(full.triggerId);
  });

  it('tells a trigger by what stands on its line', () => {
    const at = { kind: 'trigger', bootUs: 5, line: 0 } as const;
    const id = idWith({ anchor: at, trigger: trigger('0xcc0', 0) });
    expect(idWith({ anchor: at, trigger: trigger('0xcc0', 1) })).not.toBe(id);
    expect(idWith({ anchor: at, trigger: trigger('0xdc0', 0) })).not.toBe(id);
    expect(idWith({ anchor: at, trigger: trigger('0xcc0', 0, 'GFP_KERNEL') })).toBe(id);
  });

  it('counts fullness before revision', () => {
    expect(identify(report('5.10.0', { recognisedLines: 7 })).version).toBe(7 * 1024 + ANALYZER_REVISION);
    expect(ANALYZER_REVISION).toBeLessThan(1024);
  });

  it("has the anchor's time", () => {
    const identity = identify(report('5.10.0', { anchor: anchor({ observedAtMs: 123, timeSource: 'envelope' }) }));
    expect(identity).toMatchObject({ timestampMs: 123, timeSource: 'envelope' });
    expect(identify(report('5.10.0', { anchor: anchor() }))).not.toHaveProperty('timestampMs');
  });
});
