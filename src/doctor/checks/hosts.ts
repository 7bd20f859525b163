/** What the sampled records say of the hosts: keys, partitions, order, names, clocks. */
import { isNameless } from '../../kernel/host-name.ts';
import { type Check, counted, duration, type Finding, failure, listed, ok, share, warning } from './check.ts';
import type { HostFacts } from './facts.ts';
import { eachSample } from './records.ts';

const keys: Check = {
  name: 'keys',
  area: 'records',
  title: 'records have keys',
  looksAt: 'records without a key',
  warns: 'there are some, and the topic has more than one partition',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const { withoutKey, records } = sample;
    if (withoutKey === 0) return ok(`all of ${counted(records, 'record')}`, topic.name);
    const found = `${counted(withoutKey, 'record')} of ${records} (${share(withoutKey, records)}) have no key`;
    if (topic.partitions.length === 1) return ok(`${found}; with one partition that is no harm`, topic.name);
    return warning(found, KEY_ADVICE, topic.name);
  }),
};

const KEY_ADVICE =
  'Let the shipper use the host as key: rsyslog dynakey="on" key=<template of %HOSTNAME%> and partitions.auto="on", syslog-ng key("$HOST"), Filebeat key, Vector key_field, Fluent Bit message_key_field.';

/** From this share of the hosts on no report can be relied on. */
const MANY_RATIO = 0.1;

const spread: Check = {
  name: 'spread',
  area: 'records',
  title: 'one partition per host',
  looksAt: 'the partitions on which the lines of each host lie',
  warns: 'a host has lines on more than one: a report under way may be split',
  fails: 'a tenth of the hosts or more',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const hosts = sample.hosts.filter(({ lines }) => lines > 1);
    const split = sample.hosts.filter(({ partitions }) => partitions.length > 1);
    if (split.length === 0) {
      const more = sample.moreHosts ? ' (and more)' : '';
      return ok(`${counted(sample.hosts.length, 'host')}${more}, each on one partition`, topic.name);
    }
    const named = split.map(({ host, partitions }) => `${host} on ${listed(partitions.map(String))}`);
    const found = `${counted(split.length, 'host')} of ${sample.hosts.length} on several partitions: ${listed(named, 3)}`;
    const judged = split.length >= hosts.length * MANY_RATIO ? failure : warning;
    return judged(found, sample.withoutKey > 0 ? KEY_ADVICE : SPREAD_ADVICE, topic.name);
  }),
};

const SPREAD_ADVICE =
  'The records have keys: partitions were added (it passes when the old records are gone), the key is not the host, or two shippers with different hashes write to the topic (CRC32: rsyslog, Vector, Fluent Bit; murmur2: syslog-ng, Java; FNV-1a: Filebeat). Use one shipper, or one partitioner in all.';

const order: Check = {
  name: 'order',
  area: 'records',
  title: 'lines in order',
  looksAt: 'stamps of a host that go back by more than five seconds within its partition',
  warns: 'there are such lines',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const bent = sample.hosts.filter(({ inversions }) => inversions > 0).sort((a, b) => b.inversions - a.inversions);
    if (bent.length === 0) return ok('no stamp goes back', topic.name);
    const named = bent.map(
      ({ host, inversions, worstStepMs }) =>
        `${host} ${counted(inversions, 'time')}, by up to ${duration(worstStepMs)}`,
    );
    const advice =
      'The shipper sends in several threads or sends again: set enable.idempotence=true, one worker thread (rsyslog queue.workerThreads, syslog-ng workers), and look for hosts that ship twice.';
    return warning(`${counted(bent.length, 'host')}: ${listed(named, 3)}`, advice, topic.name);
  }),
};

const IP_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)$/;

const hostNames: Check = {
  name: 'host-names',
  area: 'records',
  title: 'hosts have names',
  looksAt: 'the names of the hosts',
  warns:
    'lines have no host, hosts are called localhost, addresses stand among the names, or a host is named with and without its domain',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const findings: Finding[] = [];
    const warn = (found: string, advice: string) => findings.push(warning(found, advice, topic.name));
    if (sample.withoutHost > 0) {
      const found = `${counted(sample.withoutHost, 'record')} (${share(sample.withoutHost, sample.records)}) name no host`;
      warn(found, 'Send the host in the header, in a field, as the key, or in the record header `host`.');
    }
    const all = sample.hosts.map(({ host }) => host);
    const noNames = all.filter(isNameless);
    if (noNames.length > 0) {
      warn(
        `hosts are called ${listed(noNames)}`,
        'Set the host name on them: reports of such hosts are mixed into one.',
      );
    }
    const addresses = all.filter((host) => IP_ADDRESS.test(host));
    if (addresses.length > 0) {
      const found = `${counted(addresses.length, 'host')} of ${all.length} are addresses: ${listed(addresses)}`;
      warn(found, 'A relay replaces the name: syslog-ng keep-hostname(yes); rsyslog %HOSTNAME%, not %FROMHOST-IP%.');
    }
    const twice = namedTwice(all);
    if (twice.length > 0) {
      const found = `${counted(twice.length, 'host')} with and without domain: ${listed(twice)}`;
      warn(found, 'Name hosts in one way only: they count as two, and a report is split where the name changes.');
    }
    if (findings.length > 0) return findings;
    return ok(`${counted(all.length, 'host')}, such as ${listed(all, 3)}`, topic.name);
  }),
};

/** 'web01 and web01.example' */
function namedTwice(hosts: readonly string[]): string[] {
  const known = new Set(hosts);
  return hosts.flatMap((host) => {
    const dot = host.indexOf('.');
    const short = dot < 1 || IP_ADDRESS.test(host) ? '' : host.slice(0, dot);
    return known.has(short) ? [`${short} and ${host}`] : [];
  });
}

/** Time zones lie up to 14 hours apart, and a date may lack its zone. */
const WRONG_CLOCK_MS = 20 * 3_600_000;

const HALF_HOUR_MS = 1_800_000;
const ZONE_SLACK_MS = 180_000;

type Clocked = HostFacts & { readonly clockOffsetMs: number };

/** Off by whole half hours: local time that was taken for UTC. */
function isZone({ clockOffsetMs }: Clocked): boolean {
  const size = Math.abs(clockOffsetMs);
  const rest = size % HALF_HOUR_MS;
  const isNear = rest < ZONE_SLACK_MS || rest > HALF_HOUR_MS - ZONE_SLACK_MS;
  return isNear && size > HALF_HOUR_MS - ZONE_SLACK_MS && size < WRONG_CLOCK_MS;
}

const clocks: Check = {
  name: 'clocks',
  area: 'records',
  title: 'clocks of the hosts',
  looksAt: "the hosts' own stamps against those of the Kafka records",
  warns: 'a host is 20 hours or more ahead or behind, or off by whole half hours as local time without a zone is',
  code: 'CONFIG_INVALID',
  judge: eachSample(({ topic, sample }) => {
    const clocked = sample.hosts.flatMap((host): Clocked[] =>
      host.clockOffsetMs === undefined ? [] : [{ ...host, clockOffsetMs: host.clockOffsetMs }],
    );
    const wrong = clocked.filter(({ clockOffsetMs }) => Math.abs(clockOffsetMs) >= WRONG_CLOCK_MS);
    const zoned = clocked.filter(isZone);
    const findings: Finding[] = [];
    if (wrong.length > 0) {
      const advice =
        'Set their clocks (NTP): their reports are filed under a wrong time. A host that is behind may also be sending an old backlog.';
      findings.push(warning(`${counted(wrong.length, 'host')}: ${offsetsOf(wrong)}`, advice, topic.name));
    }
    if (zoned.length > 0) {
      const advice =
        'Their dates seem to be local time without a zone, which counts as UTC: send dates with the zone (RFC 5424, ISO), or log in UTC.';
      findings.push(warning(`${counted(zoned.length, 'host')}: ${offsetsOf(zoned)}`, advice, topic.name));
    }
    if (findings.length > 0) return findings;
    if (clocked.length === 0) return ok('no line says when it was written', topic.name);
    return ok('none is far ahead or behind', topic.name);
  }),
};

const offsetsOf = (hosts: readonly Clocked[]): string =>
  listed(
    hosts.map(
      ({ host, clockOffsetMs }) => `${host} ${duration(clockOffsetMs)} ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`,
    ),
    3,
  );

/** Fewer records say nothing of how they are shared out. */
const FEW_RECORDS = 1_000;
const LOPSIDED_RATIO = 0.9;

const balance: Check = {
  name: 'balance',
  area: 'records',
  title: 'partitions are used',
  looksAt: 'how many records lie on each partition',
  warns: 'nine tenths of the records or more lie on one of several partitions',
  code: 'CONFIG_INVALID',
  judge: ({ kafka }) =>
    kafka.topics.flatMap(({ name, partitions }) => {
      const sizes = partitions.map(({ firstOffset, endOffset }) => endOffset - firstOffset);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const largest = Math.max(0, ...sizes);
      if (total === 0) return [];
      if (partitions.length === 1 || total < FEW_RECORDS || largest < total * LOPSIDED_RATIO) {
        return ok(`the fullest of ${counted(partitions.length, 'partition')} holds ${share(largest, total)}`, name);
      }
      const advice =
        'One worker does all the work: rsyslog needs partitions.auto="on", and the key must be the host, not the relay.';
      const fullest = partitions[sizes.indexOf(largest)]?.partition;
      return warning(`partition ${fullest} of ${partitions.length} holds ${share(largest, total)}`, advice, name);
    }),
};

export const HOST_CHECKS: readonly Check[] = [keys, balance, spread, order, hostNames, clocks];
