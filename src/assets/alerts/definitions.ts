/** Every alert. */
import type { MetricName } from '../../tables/metrics.ts';
import type { MetricAlert, ReportAlert } from './alert.ts';
import { OOM } from './query.ts';

/** Wider than the longest that a report stays open (10 minutes), so that its early and its full reading are one alert. */
const REPORT_WINDOW_MINUTES = 20;

const DAY_MINUTES = 24 * 60;

/** A storm is a matter of minutes, of the events as well: what a backlog brings at once, and late, is none. */
const STORM = { windowMinutes: 10, eventMinutes: 10 };

const SILENCE_HOST =
  'Snooze the rule in Kibana. For one host for good: clone the rule with the host under `must_not` and disable the original; in ElastAlert add `bool: {must_not: [{term: {host.name: NAME}}]}` to `filter`.';

export const REPORT_ALERTS: readonly ReportAlert[] = [
  {
    id: 'oom-highmem-host',
    source: 'reports',
    title: 'OOM on a 32-bit highmem host',
    severity: 'warning',
    meaning:
      'A 32-bit kernel with HighMem called the OOM killer. Such a host can run out of its at most 896 MiB of low memory while gigabytes are free.',
    firstStep:
      'Open the report by its event.id. If `oom.lowmem.exhausted` is true, plan a 64-bit kernel for this host.',
    silence: SILENCE_HOST,
    conditions: [OOM, { field: 'oom.highmem.present', is: true }],
    trigger: { kind: 'each' },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventMinutes: DAY_MINUTES,
  },
  {
    id: 'lowmem-exhausted',
    source: 'reports',
    title: 'Low memory exhausted',
    severity: 'critical',
    meaning:
      'Low memory of a 32-bit host was used up. The kill seldom frees low memory: the next OOM comes soon, and the host may hang.',
    firstStep:
      'Read "What fills lowmem" in the explanation of the report. Slab held by buffer heads is freed at once by `echo 3 > /proc/sys/vm/drop_caches`.',
    silence: SILENCE_HOST,
    conditions: [{ field: 'oom.lowmem.exhausted', is: true }],
    trigger: { kind: 'each' },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventMinutes: DAY_MINUTES,
  },
  {
    id: 'oom-panic',
    source: 'reports',
    title: 'Panic for want of memory',
    severity: 'critical',
    meaning:
      'The kernel found nothing that it may kill, or `vm.panic_on_oom` is set: the host is down or has rebooted.',
    firstStep: 'See whether the host is back, and whether its tasks are all protected by oom_score_adj -1000.',
    silence: SILENCE_HOST,
    conditions: [{ field: 'event.action', is: 'oom-panic' }],
    trigger: { kind: 'each' },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventMinutes: DAY_MINUTES,
  },
  {
    id: 'storm-host',
    source: 'reports',
    title: 'OOM storm on a host',
    severity: 'critical',
    meaning: 'One host called the OOM killer five times or more within ten minutes: the kills do not help.',
    firstStep: 'Look at the victims. If each is a small one, the holder (`oom.holder`) is what no kill frees.',
    silence: SILENCE_HOST,
    conditions: [OOM],
    trigger: { kind: 'count', by: 'host.name', atLeast: 5 },
    ...STORM,
  },
  {
    id: 'storm-fleet',
    source: 'reports',
    title: 'OOM storm of one cause over the fleet',
    severity: 'critical',
    meaning: 'Ten hosts or more ran out of memory for the same reason within ten minutes: a release, a job, a leak.',
    firstStep: 'Compare victims and kernels of these hosts on the fleet dashboard; ask what was rolled out.',
    silence: 'Snooze the rule for the time of the roll-back, or raise its number of hosts.',
    conditions: [OOM, { field: 'oom.verdict', exists: true }],
    trigger: { kind: 'spread', distinct: 'host.name', by: 'oom.verdict', atLeast: 10 },
    ...STORM,
  },
  {
    id: 'new-victim',
    source: 'reports',
    title: 'A program is killed that never was',
    severity: 'info',
    meaning: 'The name of the victim has not been among the victims of the last 30 days.',
    firstStep: 'See by `oom.victim.is_largest` and `innocent-victim` whether it was the cause or only stood nearby.',
    silence: 'Nothing to do: after this the name is known for 30 days.',
    note: 'When ElastAlert starts, it takes every name in the index for known: a victim first seen in the minutes before a restart of ElastAlert is never told. Kibana tells it if it was down for less than 20 minutes.',
    conditions: [{ field: 'process.name', exists: true }],
    trigger: { kind: 'new-value', field: 'process.name', lookBackDays: 30 },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventMinutes: DAY_MINUTES,
  },
  {
    id: 'cgroup-repeated',
    source: 'reports',
    title: 'A cgroup hits its limit again and again',
    severity: 'warning',
    meaning: 'One cgroup of one host hit its memory limit three times or more within an hour.',
    firstStep: 'Compare `oom.memcg.limit_bytes` with what the victim holds: the limit is too small, or it leaks.',
    silence: 'Snooze the rule, or leave the path out in its query (`oom.memcg.path`).',
    conditions: [OOM, { field: 'oom.memcg.path', exists: true }],
    trigger: { kind: 'pairs', by: ['host.name', 'oom.memcg.path'], atLeast: 3 },
    windowMinutes: 60,
    eventMinutes: 60,
  },
  {
    id: 'highmem-host-booted',
    source: 'reports',
    title: '32-bit highmem host seen, no OOM yet',
    severity: 'warning',
    meaning:
      'A 32-bit kernel with HighMem was booted on a host that has had no OOM for 30 days: it can run out of its at most 896 MiB of low memory while gigabytes are free. ElastAlert cannot look at two indices at once, so there every boot of such a host speaks.',
    firstStep:
      'Plan a 64-bit kernel for this host. Until then watch `LowFree` in its /proc/meminfo, and leave memory above 16 GB unused: every page of it costs low memory.',
    silence: SILENCE_HOST,
    conditions: [
      { field: 'oom.highmem.present', is: true },
      { field: 'oom.host.source', is: 'boot' },
    ],
    trigger: { kind: 'quiet-host', lookBackDays: 30 },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventMinutes: DAY_MINUTES,
  },
];

/** A name of tables/metrics.ts; a misspelt one does not compile. */
const metric = (name: MetricName): MetricName => name;

const LETTERS = metric('oomscope_dead_letters_total');
const SHED = metric('oomscope_reports_shed_total');
const READ = metric('oomscope_records_read_total');
const COMMITTED = metric('oomscope_commit_offset');
const PAUSED = metric('oomscope_partitions_paused');
const ASSIGNED = metric('oomscope_partitions_assigned');

/** Longer than the 10 minutes that a report may hold a commit, so that each window sees a commit that moved. */
const LAG_WINDOW_MINUTES = 15;

/** Fewer records of a partition are on their way at any time. */
const LAG_RECORDS = 100;

/** Over the worker that has the partition: a rebalance does not break its series. */
const LAG = `(max by (job, topic, partition) (${metric('oomscope_lag_records')}))[${LAG_WINDOW_MINUTES}m:1m]`;

/** Holds 15 minutes from each increment on. A counter with labels appears with its first, which increase() does not see. */
const incremented = (counter: MetricName): string =>
  `increase(${counter}[15m]) > 0 or (${counter} > 0 unless ${counter} offset 15m)`;

const SILENCE_JOB = 'Silence it by its `job` label in Alertmanager';

export const METRIC_ALERTS: readonly MetricAlert[] = [
  {
    id: 'dead-letters',
    source: 'metrics',
    name: 'OomscopeDeadLetters',
    title: 'Dead letters',
    severity: 'warning',
    meaning:
      'Elasticsearch refused documents for good (kind document), or records with the beginning of a report could not be decoded (kind record). They lie on the dead-letter topic and are not in the index.',
    firstStep:
      '`oomscope dead-letters list` names the error of each. A refused document: mend it (a mapping error: `oomscope setup`), then `oomscope dead-letters retry --all`. A record: `oomscope dead-letters show ID`, mend the shipper, read the source again (docs/dead-letters.md).',
    silence: `${SILENCE_JOB}, or by \`reason\` for one shipper that is known; it ends 15 minutes after the last letter.`,
    note: 'Threshold: the first letter, since each is a report that nobody will see in the index.',
    expression: incremented(LETTERS),
    forMinutes: 0,
    summary: 'A worker put a {{ $labels.kind }} to the dead letters: {{ $labels.reason }}',
  },
  {
    id: 'worker-lag',
    source: 'metrics',
    name: 'OomscopeWorkerLag',
    title: 'The lag of a partition does not fall',
    severity: 'warning',
    meaning:
      'Records that are not read, or read and not committed, have not become fewer for twenty minutes or more: the workers are too slow, or stand still. Reports come late; what the topic deletes before it is read is lost.',
    firstStep:
      '`oomscope doctor` shows the commits, the end of each partition and whether Elasticsearch takes documents. If it does, and `oomscope_partitions_paused` is 0, start another worker of the group (at most one per partition is of use).',
    silence: `${SILENCE_JOB}, for one topic by \`topic\`, for the time of a known backlog; the topic has to outlast it.`,
    note: `Threshold: the least lag of the last ${LAG_WINDOW_MINUTES} minutes is more than ${LAG_RECORDS} records and not below the most of the ${LAG_WINDOW_MINUTES} minutes before. So a backlog that is worked off is quiet however large it is, and so are a rebalance and the ups and downs of a busy topic, whose lag is never 0. It ends once the lag is below what it was ${LAG_WINDOW_MINUTES} to ${2 * LAG_WINDOW_MINUTES} minutes before. One alert per partition: group by \`job\` and \`topic\` in Alertmanager.`,
    expression: `min_over_time(${LAG}) > ${LAG_RECORDS} and min_over_time(${LAG}) >= max_over_time(${LAG} offset ${LAG_WINDOW_MINUTES}m)`,
    forMinutes: 5,
    summary: 'Partition {{ $labels.partition }} of {{ $labels.topic }}: the lag does not fall',
  },
  {
    id: 'no-worker-reads',
    source: 'metrics',
    name: 'OomscopeNoWorkerReads',
    title: 'No worker reads',
    severity: 'critical',
    meaning:
      'No worker has a partition, or Prometheus sees no worker at all: no report reaches the index, and the lag of the group, which only a worker with partitions shows, is told by nobody.',
    firstStep:
      'See whether the worker runs and how it ended (its exit code, `/health`). If it runs, `oomscope doctor` says what Kafka refuses it: topic, group, rights.',
    silence: `${SILENCE_JOB} while the workers are stopped on purpose; without a worker to scrape it has no labels, then by its name.`,
    note: 'Threshold: ten minutes, longer than a restart and a rebalance. A worker without partitions is no alert while another of its `job` has some: there may be more workers than partitions. Give each consumer group a `job` of its own. With several, a job that vanishes while another is there needs `absent(oomscope_partitions_assigned{job="NAME"})` as a rule of your own.',
    expression: `sum by (job) (${ASSIGNED}) == 0 or absent(${ASSIGNED})`,
    forMinutes: 10,
    summary: 'No worker has had a partition for ten minutes',
  },
  {
    id: 'reports-shed',
    source: 'metrics',
    name: 'OomscopeReportsShed',
    title: 'Reports lose parts to the memory bound',
    severity: 'warning',
    meaning:
      'The open reports together held more than `parser.max.bytes`, and the largest gave up a part: its raw lines (lines), rows of its task table (tasks), sections, or it was emitted as it was (report). Such documents are marked truncated.',
    firstStep:
      'Look at `oomscope_reports_open` and `oomscope_reports_open_bytes`. Part report alone, with many open ones, is a flood of beginnings without the rest: find its host in the newest incomplete reports. A storm over the fleet passes; if not, raise `parser.max.bytes` and the memory of the worker, or start another worker.',
    silence: `${SILENCE_JOB}, or by \`part="lines"\` if raw lines are no loss to you; it ends 15 minutes after the last part.`,
    note: 'Threshold: the first part, since the bound is far above what a quiet fleet needs.',
    expression: incremented(SHED),
    forMinutes: 0,
    summary: 'A worker made open reports shed a part: {{ $labels.part }}',
  },
  {
    id: 'worker-held-up',
    source: 'metrics',
    name: 'OomscopeWorkerHeldUp',
    title: 'A worker is held up',
    severity: 'warning',
    meaning: 'Partitions are paused since documents wait for Elasticsearch: the worker falls behind and loses nothing.',
    firstStep:
      'Look at Elasticsearch: disk watermark, rejected writes, closed indices. The worker logs `sink-retry` with the reason.',
    silence: 'Silence it by its `job` label during maintenance of Elasticsearch; the topic has to outlast it.',
    expression: `min_over_time(${PAUSED}[10m]) > 0`,
    forMinutes: 0,
    summary: 'A worker has paused its partitions for ten minutes',
  },
  {
    id: 'worker-commits-nothing',
    source: 'metrics',
    name: 'OomscopeWorkerCommitsNothing',
    title: 'A worker reads and commits nothing',
    severity: 'warning',
    meaning:
      'Records are read and no offset moves for half an hour, longer than any report stays open: the lag of the group grows, and a restart would read all of it again.',
    firstStep: 'Look for `commit-failed` and `sink-retry` in the log of the worker.',
    silence: 'Silence it by its `job` label in Alertmanager.',
    // All are the worker's own, so they meet on its own labels. A gauge that has just appeared has moved, too.
    expression: `increase(${READ}[30m]) > 0 unless on (job, instance) sum by (job, instance) (changes(${COMMITTED}[30m])) > 0 unless on (job, instance) (${COMMITTED} unless ${COMMITTED} offset 30m)`,
    forMinutes: 15,
    summary: 'A worker reads records and has committed no offset for half an hour',
  },
];
