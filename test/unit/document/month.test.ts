/** A simulated month as documents, against what the simulator knows: the ground that tests of panels and rules stand on. */
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../support/kibana/kql.ts';
import { MONTH, simulateMonth } from '../../support/month.ts';
import { storedOf } from '../../support/month-index.ts';

describe('the month of 2,000 hosts', () => {
  const month = simulateMonth({ hosts: 2000, noisePerHost: 2 });
  const { truth } = month;
  const documents = storedOf({ ...month, hostWrites: [] }).map(({ document }) => document);

  /** Times of lines are of seconds in some dress. */
  const second = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

  it('has a document for each event, with its host, time, verdict, holder, action, victim and cgroup', () => {
    const fields = ['host.name', 'oom.verdict', 'oom.holder', 'event.action', 'process.name', 'oom.memcg.path'];
    const found = documents.map((document) =>
      [
        second(Date.parse(String(document['@timestamp']))),
        ...fields.map((field) => valuesOf(document, field)[0] ?? ''),
      ].join(' '),
    );
    const known = truth.map(({ host, atMs, verdict, holder, action, victimComm = '', cgroup = '' }) =>
      [second(atMs), host, verdict, holder, action, victimComm, cgroup].join(' '),
    );
    expect(found.sort()).toEqual(known.sort());
    expect(known.length).toBeGreaterThan(400);
  });

  it('has the kernel of each that prints it', () => {
    const printed = truth.filter(({ complete, kernel }) => complete && !kernel.startsWith('2.6.18'));
    const found = documents.flatMap((document) => valuesOf(document, 'host.os.kernel')).sort();
    expect(found).toEqual(printed.map(({ kernel }) => kernel).sort());
  });

  it('lies in the month', () => {
    const times = documents.map((document) => Date.parse(String(document['@timestamp'])));
    expect(Math.min(...times)).toBeGreaterThan(MONTH.fromMs);
    expect(Math.max(...times)).toBeLessThan(MONTH.toMs);
  });
});
