/** What the sampled records say: whether anything arrives, and whether it can be read and is the kernel's. */
import { type Check, counted, duration, type Finding, failure, listed, ok, quoted, share, warning } from './check.ts';
import type { Counted, Facts, SampleFacts, Settings, TopicFacts } from './facts.ts';

/** A topic with records to judge. */
export interface Sampled {
  readonly topic: TopicFacts;
  readonly sample: SampleFacts;
  readonly settings: Settings;
  readonly nowMs: number;
}

/** Judges each topic of which records were read. */
export const eachSample =
  (judge: (sampled: Sampled) => Finding | readonly Finding[]) =>
  ({ kafka, settings, nowMs }: Facts): readonly Finding[] =>
    kafka.topics.flatMap((topic) => {
      const { sample } = topic;
      return sample === undefined || sample.records === 0 ? [] : judge({ topic, sample, settings, nowMs });
    });

const HOUR_MS = 3_600_000;

const arriving: Check = {
  name: 'arriving',
  area: 'records',
  title: 'records arrive',
  looksAt: "Kafka's stamp of the newest record",
  warns: 'the topic is empty, the newest record is an hour old, lies in the future or has no stamp',
  code: 'CONFIG_INVALID',
  judge: ({ kafka, nowMs }) =>
    kafka.topics.flatMap(({ name, sample }) => {
      if (sample === undefined) return [];
      const advice = 'Look at the shipper: its target, its topic name, its own queue and log.';
      if (sample.records === 0 && sample.unopened === undefined) return warning('no records', advice, name);
      if (sample.newestAtMs === undefined) {
        const found = 'the records have no stamp of Kafka';
        return warning(found, 'Set message.timestamp.type to LogAppendTime: the stamp is the clock of silence.', name);
      }
      const ageMs = nowMs - sample.newestAtMs;
      if (ageMs > HOUR_MS) return warning(`the newest record is ${duration(ageMs)} old`, advice, name);
      if (ageMs < -HOUR_MS) {
        const found = `the newest record is stamped ${duration(ageMs)} in the future`;
        return warning(found, 'Set the clock of the shipper, the broker or this machine: one of them is wrong.', name);
      }
      return ok(`the newest record is ${duration(Math.max(0, ageMs))} old`, name);
    }),
};

const codec: Check = {
  name: 'codec',
  area: 'records',
  title: 'record batches open',
  looksAt: 'compression codec and transactions of the record batches',
  warns: 'records are written in transactions: they come only with the commit',
  fails: 'a record batch cannot be opened',
  code: 'CONFIG_INVALID',
  judge: ({ kafka }) =>
    kafka.topics.flatMap(({ name, sample }) => {
      if (sample === undefined || Object.keys(sample.codecs).length === 0) return [];
      const { unopened, inTransactions, codecs } = sample;
      if (unopened !== undefined) {
        const found = `${counted(unopened.count, 'record batch', 'record batches')} cannot be opened, ${at(unopened)}`;
        return failure(found, 'Use gzip, snappy, lz4, zstd or none (compression.codec of the shipper).', name);
      }
      const names = Object.keys(codecs).join(', ');
      if (inTransactions > 0) {
        const found = `codec ${names}; ${counted(inTransactions, 'record')} in transactions`;
        const advice = 'Write without transactions: a line is seen only after the commit, and never if it is aborted.';
        return warning(found, advice, name);
      }
      return ok(`codec ${names}`, name);
    }),
};

const at = ({ example: { partition, offset, text } }: Counted): string =>
  `as at partition ${partition} offset ${offset}: ${quoted(text)}`;

const undecodable: Check = {
  name: 'decodable',
  area: 'records',
  title: 'records are understood',
  looksAt: 'the records, read as the worker reads them; shapes by their names',
  warns: 'some cannot be decoded',
  fails: 'half of them or more cannot be decoded',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const reasons = Object.entries(sample.undecodable);
    const bad = reasons.reduce((sum, [, { count }]) => sum + count, 0);
    if (bad === 0) {
      const shapes = Object.entries(sample.shapes).map(([shape, count]) => `${shape} ${share(count, sample.records)}`);
      return ok(`shapes: ${shapes.join(', ')}`, topic.name);
    }
    const judged = bad * 2 >= sample.records ? failure : warning;
    return reasons.map(([reason, of]) =>
      judged(
        `${counted(of.count, 'record')} (${share(of.count, sample.records)}) cannot be decoded: ${reason}, ${at(of)}`,
        UNDECODABLE_ADVICE[reason] ?? 'Look at that record.',
        topic.name,
      ),
    );
  }),
};

const UNDECODABLE_ADVICE: Readonly<Record<string, string>> = {
  empty: 'Empty records and tombstones hold no line: see what writes them.',
  binary:
    'This is no text: another program writes to the topic, or the shipper uses protobuf or MessagePack. Choose JSON, text or Avro.',
  json: 'The shipper cuts its JSON, or puts several objects into a record. With records.format json, lines of text are refused, too.',
  avro: 'Give the schema that wrote them: records.avro.schema.',
  'too-long': 'Raise records.max.bytes, or let the shipper write one line per record.',
  'no-text':
    'The field with the message has another name than those that are known (message, MESSAGE, log, msg, event.original): rename it in the shipper.',
  encoding: 'The shipper must write UTF-8.',
};

const size: Check = {
  name: 'record-size',
  area: 'records',
  title: 'records within the limit',
  looksAt: 'the largest record against records.max.bytes',
  warns: 'a record is larger than 80 % of it',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample, settings }) => {
    const found = `the largest has ${counted(sample.largestBytes, 'byte')}`;
    if (sample.nearLimit === 0) return ok(found, topic.name);
    return warning(
      `${found}; ${counted(sample.nearLimit, 'record')} near or beyond records.max.bytes (${settings.recordMaxBytes})`,
      'Raise records.max.bytes, or let the shipper write one line per record.',
      topic.name,
    );
  }),
};

/** Below so many records the absence of the kernel says nothing. */
const FEW_RECORDS = 20;

const kernel: Check = {
  name: 'kernel-lines',
  area: 'records',
  title: "the kernel's lines",
  looksAt: 'facility and program of the lines',
  warns: "none is the kernel's, or only their program `kernel` says so",
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample, settings }) => {
    const lines = Object.values(sample.kernelLines).reduce((sum, count) => sum + count, 0);
    const all = lines + sample.foreignLines;
    if (all === 0) return [];
    if (lines === 0) {
      if (all < FEW_RECORDS) return ok(`none of ${counted(all, 'line')}, which is too few to tell`, topic.name);
      return warning(`none of ${counted(all, 'line')} is the kernel's`, noKernelAdvice(settings), topic.name);
    }
    const found = `${counted(lines, 'line')} of ${all} (${share(lines, all)})`;
    const byProgram = sample.kernelLines['program'] ?? 0;
    if (byProgram === lines) {
      const advice =
        'Any process can write such a line. Let the shipper send the priority (rsyslog: RSYSLOG_SyslogProtocol23Format; syslog-ng: <$PRI>), then set records.trust.program false.';
      return warning(`${found}, by their program alone: no facility travels`, advice, topic.name);
    }
    return ok(found, topic.name);
  }),
};

function noKernelAdvice({ trustProgram }: Settings): string {
  const hint = trustProgram ? '' : ' records.trust.program is false: lines without a priority do not count.';
  return `The shipper must forward facility kern: rsyslog needs imklog or imkmsg, syslog-ng system(), Filebeat and Vector the journal with _TRANSPORT=kernel. Idle kernels write little: write a line to a test host and ask again. If the topic carries nothing but kernel text without header, set records.kernel.only.${hint}`;
}

const spoofs: Check = {
  name: 'spoofs',
  area: 'records',
  title: 'nobody else writes like the kernel',
  looksAt: "lines with an opener of a report that are not the kernel's",
  warns: 'there are such lines: they make no report',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample, settings }) => {
    if (sample.spoofs === undefined) return ok('no such line', topic.name);
    const advice = settings.kernelOnly
      ? 'A container or a process writes them.'
      : `If they are real, the shipper loses facility and program: repair it, or set records.kernel.only on a topic of kernel lines alone${settings.trustProgram ? '' : '; records.trust.program is false and refuses lines without a priority'}. Else leave them: a process wrote them.`;
    return warning(`${counted(sample.spoofs.count, 'line')}, ${at(sample.spoofs)}`, advice, topic.name);
  }),
};

const stamps: Check = {
  name: 'stamps',
  area: 'records',
  title: 'the lines say when',
  looksAt: "the kernel's stamp since boot and the date of the kernel's lines",
  warns:
    'stamps since boot are missing, the date has no year, or the only time is that of Kafka; hosts send both kinds',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const lines = Object.values(sample.kernelLines).reduce((sum, count) => sum + count, 0);
    if (lines === 0) return [];
    const findings: Finding[] = [];
    const mixed = sample.hosts.filter(({ stamped, unstamped }) => stamped > 0 && unstamped > 0);
    if (mixed.length > 0) {
      const found = `kernel lines with and without the stamp since boot from ${counted(mixed.length, 'host')}: ${names(mixed)}`;
      const advice = 'If a host ships twice (file and journal), drop one: each report would become two documents.';
      findings.push(warning(found, advice, topic.name));
    } else if (sample.withoutBootStamp > 0) {
      const found = `${share(sample.withoutBootStamp, lines)} of the kernel's lines have no stamp since boot ([12345.678901])`;
      const advice =
        'Keep it: rsyslog imklog keepKernelTimestamp="on", printk.time=1 on the kernel command line. Reports are told apart by the second without it.';
      findings.push(warning(found, advice, topic.name));
    }
    if (sample.yearless > 0) {
      const found = `${share(sample.yearless, lines)} of the kernel's lines have a date without year and zone`;
      const advice =
        'It counts as UTC, in the year nearest to the time of the record. Send RFC 5424 or ISO dates (rsyslog: RSYSLOG_SyslogProtocol23Format).';
      findings.push(warning(found, advice, topic.name));
    }
    if (sample.timedByBroker > 0) {
      const type = topic.configuration?.['message.timestamp.type'];
      const found = `${share(sample.timedByBroker, lines)} of the kernel's lines have no time but that of the Kafka record${type === undefined ? '' : ` (${type})`}`;
      const advice =
        'A header was cut off, or never was. Send the date of the line; on a topic that is copied set message.timestamp.type to CreateTime, or every copy has another time.';
      findings.push(warning(found, advice, topic.name));
    }
    return findings.length > 0 ? findings : ok('date and stamp since boot on all of them', topic.name);
  }),
};

const names = (hosts: readonly { readonly host: string }[]): string => listed(hosts.map(({ host }) => host));

export const RECORD_CHECKS: readonly Check[] = [arriving, codec, undecodable, size, kernel, spoofs, stamps];
