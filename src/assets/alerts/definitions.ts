/** Every alert. */
import type { MetricName } from '../../tables/metrics.ts';
import type { MetricAlert, ReportAlert } from './alert.ts';
import { OOM } from './query.ts';

/** Wider than the longest that a report stays open (10 minutes), so that its early and its full reading are one alert. */
const REPORT_WINDOW_MINUTES = 20;

const DAY_HOURS = 24;

/** A storm is a matter of minutes: what a backlog brings late is none. */
const STORM = { windowMinutes: 10, eventHours: 1 };

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
    eventHours: DAY_HOURS,
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
    eventHours: DAY_HOURS,
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
    eventHours: DAY_HOURS,
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
    conditions: [{ field: 'process.name', exists: true }],
    trigger: { kind: 'new-value', field: 'process.name', lookBackDays: 30 },
    windowMinutes: REPORT_WINDOW_MINUTES,
    eventHours: DAY_HOURS,
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
    eventHours: 2,
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
    eventHours: DAY_HOURS,
  },
];

/** A name of tables/metrics.ts; a misspelt one does not compile. */
const metric = (name: MetricName): MetricName => name;

const DOCUMENTS = metric('oomscope_documents_total');
const READ = metric('oomscope_records_read_total');
const COMMITTED = metric('oomscope_commit_offset');
const PAUSED = metric('oomscope_partitions_paused');

export const METRIC_ALERTS: readonly MetricAlert[] = [
  {
    id: 'dead-letters',
    source: 'metrics',
    name: 'OomscopeDeadLetters',
    title: 'Dead letters',
    severity: 'warning',
    meaning: 'Elasticsearch refused documents for good; they lie on the dead-letter topic and are not in the index.',
    firstStep:
      '`oomscope dead-letters list` names the error of each. Mend it (a mapping error: `oomscope setup`), then `oomscope dead-letters retry --all`.',
    silence: 'Silence it by its `job` label in Alertmanager; it ends 15 minutes after the last letter.',
    // A counter with labels appears with its first increment, which increase() does not see.
    expression: `increase(${DOCUMENTS}{outcome="dead-letter"}[15m]) > 0 or (${DOCUMENTS}{outcome="dead-letter"} > 0 unless ${DOCUMENTS}{outcome="dead-letter"} offset 15m)`,
    forMinutes: 0,
    summary: 'A worker put documents to the dead letters',
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
