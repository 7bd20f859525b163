import { describe, expect, test } from 'vitest';
import { printReport, SEED_TWIN_HOST, seedTwin, simulateFleet } from '../../../../src/simulate/index.ts';

const START = Date.UTC(2026, 2, 3, 4, 0, 0);
const fleet = simulateFleet({ hosts: 200, seed: 7, startMs: START });
const lines = [...fleet];

describe('a fleet of 200 hosts', () => {
  test('says a few thousand lines in order of time', () => {
    expect(lines.length).toBeGreaterThan(4000);
    expect(lines.length).toBeLessThan(9000);
    expect(lines.every((line, index) => index === 0 || (lines[index - 1]?.atMs ?? 0) <= line.atMs)).toBe(true);
  });
  test('suffers 20 to 40 reports of at least four kernels', () => {
    expect(fleet.truth.length).toBeGreaterThanOrEqual(20);
    expect(fleet.truth.length).toBeLessThanOrEqual(40);
    expect(new Set(fleet.truth.map(({ kernel }) => kernel)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(fleet.truth.map(({ verdict }) => verdict)).size).toBeGreaterThanOrEqual(4);
  });
  test('one report is the seed twin, line by line', () => {
    const own = lines.filter((line) => line.host === SEED_TWIN_HOST && line.facility === 0).map(({ text }) => text);
    const texts = own.map((text) => text.replace(/^\S+ \S+ kernel: \[[\d. ]+\] /, '').trimEnd());
    const from = texts.findIndex((text) => text.startsWith('mailscand invoked oom-killer'));
    const report = printReport(seedTwin());
    expect(texts.slice(from, from + report.length)).toEqual(report);
    expect(own[from]).toContain('[1772321.850644]');
  });
  test('hosts speak in turns while a report is printed', () => {
    const hosts = new Set(lines.slice(0, 500).map(({ host }) => host));
    expect(hosts.size).toBeGreaterThan(50);
  });
  test('every kill of the truth is in the lines of its host', () => {
    for (const truth of fleet.truth) {
      if (truth.victimPid === undefined) continue;
      const kill = `Killed process ${truth.victimPid}`;
      expect(lines.some((line) => line.host === truth.host && line.text.includes(kill))).toBe(true);
    }
  });
  test('userland quotes the killer, and says so by its facility', () => {
    const decoys = lines.filter(
      ({ facility, text }) => facility !== 0 && /invoked oom-killer|Kill(ed)? process/.test(text),
    );
    expect(decoys.length).toBeGreaterThan(0);
  });
  test('an impostor of the kernel speaks only where its facility travels with it', () => {
    const many = [...simulateFleet({ hosts: 1000, seed: 2, startMs: START })];
    const impostors = many.filter(({ facility, text }) => facility !== 0 && text.includes('Killed process 4242'));
    const styles = new Set(impostors.filter(({ text }) => /kernel/.test(text)).map(({ style }) => style));
    expect(styles.size).toBeGreaterThan(1);
    expect([...styles]).not.toContain('rsyslog-kafka');
    expect([...styles]).not.toContain('filebeat-json');
  });
  test('is the same for the same seed', () => {
    expect([...simulateFleet({ hosts: 200, seed: 7, startMs: START })]).toEqual(lines);
    expect([...simulateFleet({ hosts: 200, seed: 8, startMs: START })]).not.toEqual(lines);
  });
});
