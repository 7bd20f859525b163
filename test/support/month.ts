/** A simulated month of a fleet as documents, with the truth about it. */
import { createDecoder } from '../../src/consumer/index.ts';
import { hostFactsOf, toHostWrite, toWrite } from '../../src/document/index.ts';
import type { HostFacts } from '../../src/domain.ts';
import { analyse } from '../../src/enrich/index.ts';
import { createBootReader, createParser } from '../../src/parser/index.ts';
import type { DocumentWrite } from '../../src/ports.ts';
import { type BootTruth, type FleetTruth, simulateFleet } from '../../src/simulate/index.ts';
import { DECODER_OPTIONS, PARSER_OPTIONS } from './decoder.ts';

/** The month: 3 August to 3 September 2026, so that it lies in two indices. */
export const MONTH = { fromMs: Date.UTC(2026, 7, 3), toMs: Date.UTC(2026, 8, 3) } as const;

export interface MonthOptions {
  readonly hosts: number;
  readonly noisePerHost?: number;
  readonly seed?: number;
}

export interface Month {
  readonly truth: readonly FleetTruth[];
  readonly writes: readonly DocumentWrite[];
  /** Hosts that were booted in the month. */
  readonly boots: readonly BootTruth[];
  /** The writes of the inventory. */
  readonly hostWrites: readonly DocumentWrite[];
}

/** The month through decoder, parser and analysis. The partition's clock shows the time of the records. */
export function simulateMonth({ hosts, noisePerHost = 10, seed = 7 }: MonthOptions): Month {
  const spanMs = MONTH.toMs - MONTH.fromMs;
  const fleet = simulateFleet({ hosts, seed, startMs: MONTH.fromMs, spanMs, noisePerHost, boots: 0.3, storms: 3 });
  const place = { topic: 'month', partition: 0 };
  const parser = createParser(PARSER_OPTIONS);
  const boots = createBootReader({ idleMs: 30_000, ageMs: 600_000 });
  const decoder = createDecoder(DECODER_OPTIONS);
  const encoder = new TextEncoder();
  const writes: DocumentWrite[] = [];
  const take = (reports: ReturnType<typeof parser.end>): void => {
    for (const report of reports) {
      const analysis = analyse(report);
      writes.push(toWrite(report, analysis));
      const facts = hostFactsOf(report, analysis);
      if (facts) takeHosts([facts]);
    }
  };
  const hostWrites: DocumentWrite[] = [];
  const takeHosts = (hosts: readonly HostFacts[]): void => {
    hostWrites.push(...hosts.flatMap((facts) => toHostWrite(facts) ?? []));
  };
  let offset = 0;
  for (const { host, atMs, text } of fleet) {
    take(parser.advance(place.topic, place.partition, atMs));
    takeHosts(boots.advance(place.topic, place.partition, atMs));
    const record = { ...place, offset, timestampMs: atMs, key: encoder.encode(host), value: encoder.encode(text) };
    for (const decoded of decoder.decode(record)) {
      if (decoded.kind !== 'line') continue;
      take(parser.push(decoded.line));
      takeHosts(boots.push(decoded.line));
    }
    offset += 1;
  }
  take(parser.end());
  takeHosts(boots.end());
  return { truth: fleet.truth, writes, boots: fleet.boots, hostWrites };
}
