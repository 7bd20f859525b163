/**
 * Record batches that span hours: a shipper that catches up with a backlog, or a mirror, stamps records with their events'
 * times and packs as many as fit into a batch. Reports must come out as if each record had come when it was printed.
 */
import { describe, expect, it } from 'vitest';
import { PartitionClock } from '../../../src/consumer/partition-clock.ts';
import type { LogLine, OomReport } from '../../../src/domain.ts';
import { createParser } from '../../../src/parser/index.ts';
import { HIGHMEM_32 } from '../parser/fixtures.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 8, 23, 12);
const LIMITS = { idleMs: 30_000, ageMs: 600_000, maxLines: 20_000, maxBytes: 64 * 2 ** 20 };

/** One report a host each hour, its lines a millisecond apart, and a line of noise every minute. */
function partitionOf(hours: number): LogLine[] {
  const report = HIGHMEM_32.split('\n');
  const lines: Omit<LogLine, 'position'>[] = [];
  const say = (host: string, text: string, atMs: number) =>
    lines.push({ host, text, observedAtMs: START_MS + atMs, bootUs: (atMs + 1_000_000) * 1_000, trust: 'facility' });
  for (let hour = 0; hour < hours; hour += 1) {
    for (let minute = 0; minute < 60; minute += 1) say('web00', 'eth0: link is up', hour * HOUR_MS + minute * 60_000);
    for (const [index, text] of report.entries()) say(`web${hour + 1}`, text, hour * HOUR_MS + 59.5 * 60_000 + index);
  }
  return lines.map((line, offset) => ({ ...line, position: { topic: 't', partition: 0, offset } }));
}

/** Reads the lines in batches of so many, as the pipeline does. */
function read(lines: readonly LogLine[], batchLines: number): OomReport[] {
  const parser = createParser(LIMITS);
  const clock = new PartitionClock();
  const reports: OomReport[] = [];
  for (let from = 0; from < lines.length; from += batchLines) {
    const batch = lines.slice(from, from + batchLines);
    const atMs = clock.batch(batch[0]?.observedAtMs);
    if (atMs !== undefined) reports.push(...parser.advance('t', 0, atMs));
    for (const line of batch) reports.push(...parser.push(line));
  }
  return [...reports, ...parser.end()];
}

/** What is known of each host in the end: a later reading takes the place of an earlier one. */
const known = (reports: readonly OomReport[]): string[] => {
  const last = new Map(reports.map((report) => [`${report.host} ${report.kills.length}`, report]));
  return [...last.values()].map(({ host, complete, kills }) => `${host} ${complete} ${kills.length}`).sort();
};

describe('batches that span hours', () => {
  const hours = 60;
  const lines = partitionOf(hours);
  const wanted = Array.from({ length: hours }, (_, hour) => `web${hour + 1} true 1`).sort();

  it.each([1, 2, 7, 50, 100, 113, 500, 2_000])('of %i records cut no report', (batchLines) => {
    const reports = read(lines, batchLines).filter(({ provisional, kills }) => !provisional || kills.length > 0);
    expect(known(reports)).toEqual(wanted);
  });

  it('still let reports age that are never finished, some batches later', () => {
    const torn = lines.filter(({ text }) => !text.startsWith('Kill') && !text.startsWith('Out of memory'));
    const parser = createParser(LIMITS);
    const clock = new PartitionClock();
    let mostOpen = 0;
    for (let from = 0; from < torn.length; from += 50) {
      parser.advance('t', 0, clock.batch(torn[from]?.observedAtMs) ?? 0);
      for (const line of torn.slice(from, from + 50)) parser.push(line);
      mostOpen = Math.max(mostOpen, parser.stats.openReports);
    }
    // Two batches make an hour. The median lags by 15 of them, and 600 s by at most 15 s a batch are 40: 27 hours.
    expect(mostOpen).toBeGreaterThan(20);
    expect(mostOpen).toBeLessThan(30);
  });
});
