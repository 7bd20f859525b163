/** The Prometheus rules by `promtool test rules`: firing and staying quiet on series of samples. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { METRIC_ALERTS, PROMETHEUS_FILE, ruleFiles } from '../../../src/assets/index.ts';
import { METRICS } from '../../../src/tables/metrics.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const isRequired = process.env['REQUIRE_INTEGRATION'] === '1';
if (!hasPromtool) {
  console.warn('PROMETHEUS RULES ARE NOT TESTED: promtool is not on PATH (Debian: apt-get install prometheus).');
}

const rules = ruleFiles().find(({ path }) => path === PROMETHEUS_FILE)?.text ?? '';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const { groups } = parse(rules) as { groups: { rules: Rule[] }[] };

interface Case {
  readonly alert: string;
  readonly what: string;
  /** Samples a minute, as promtool writes them. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes after which it is looked, and what has an alert then: an instance, or all labels of the alert. */
  readonly at: Readonly<Record<number, readonly (string | Labels)[]>>;
  /** Further labels that the alerts of instances have. */
  readonly labels?: Labels;
}

type Labels = Readonly<Record<string, string>>;

const worker = (name: string, instance = 'w1:9464', labels = '') =>
  `${name}{job="oomscope",instance="${instance}"${labels}}`;
const letters = (instance = 'w1:9464') =>
  worker('oomscope_dead_letters_total', instance, ',kind="document",reason="document_parsing_exception"');
const undecodable = worker('oomscope_dead_letters_total', 'w1:9464', ',kind="record",reason="json"');
const document = { kind: 'document', reason: 'document_parsing_exception' };
const shed = worker('oomscope_reports_shed_total', 'w1:9464', ',part="lines"');
const assigned = (instance = 'w1:9464') => worker('oomscope_partitions_assigned', instance);
const lag = (partition: number, instance = 'w1:9464') =>
  worker('oomscope_lag_records', instance, `,topic="syslog",partition="${partition}"`);
const lagging = (partition: number): Labels => ({ job: 'oomscope', topic: 'syslog', partition: String(partition) });
const read = (instance = 'w1:9464') => worker('oomscope_records_read_total', instance);
const committed = (partition: number, instance = 'w1:9464') =>
  worker('oomscope_commit_offset', instance, `,topic="syslog",partition="${partition}"`);
const paused = worker('oomscope_partitions_paused');

const CASES: readonly Case[] = [
  {
    alert: 'OomscopeDeadLetters',
    what: 'the first letter, whose counter begins with it',
    series: { [letters()]: '_x20 1x60' },
    labels: document,
    at: { 19: [], 22: ['w1:9464'], 60: [] },
  },
  {
    alert: 'OomscopeDeadLetters',
    what: 'a record that could not be decoded',
    series: { [undecodable]: '_x20 1x60' },
    labels: { kind: 'record', reason: 'json' },
    at: { 19: [], 22: ['w1:9464'], 60: [] },
  },
  {
    alert: 'OomscopeDeadLetters',
    what: 'a further letter of one worker of two',
    series: { [letters()]: '3x40 4x40', [letters('w2:9464')]: '7x80' },
    labels: document,
    at: { 30: [], 45: ['w1:9464'], 75: [] },
  },
  {
    alert: 'OomscopeDeadLetters',
    what: 'letters of long ago, and a worker that starts anew',
    series: { [letters()]: '3x30 _x50' },
    at: { 20: [], 40: [], 70: [] },
  },
  {
    alert: 'OomscopeReportsShed',
    what: 'parts that were shed, the first and a later one',
    series: { [shed]: '_x20 2x40 5x40' },
    labels: { part: 'lines' },
    at: { 19: [], 22: ['w1:9464'], 50: [], 65: ['w1:9464'], 90: [] },
  },
  {
    alert: 'OomscopeNoWorkerReads',
    what: 'workers without partitions',
    series: { [assigned()]: '4x10 0x40', [assigned('w2:9464')]: '4x10 0x40' },
    at: { 10: [], 18: [], 25: [{ job: 'oomscope' }] },
  },
  {
    alert: 'OomscopeNoWorkerReads',
    what: 'workers that are gone',
    series: { [assigned()]: '4x10 stale' },
    at: { 10: [], 18: [], 25: [{}] },
  },
  {
    alert: 'OomscopeNoWorkerReads',
    what: 'a worker too many, a rolling restart and a short rebalance',
    series: { [assigned()]: '4x20 0x4 stale _x5 4x40', [assigned('w2:9464')]: '0x80' },
    at: { 15: [], 25: [], 32: [], 50: [] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'one partition that falls behind, beside one that does not',
    series: { [lag(0)]: '0x40 0+500x80', [lag(1)]: '0 40 900 0 300 2000 10 0x114' },
    at: { 40: [], 55: [], 90: [lagging(0)] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'a backlog that stays as it is, until it is worked off',
    series: { [lag(0)]: '0x20 5000x60 5000-200x25' },
    at: { 20: [], 30: [], 60: [lagging(0)], 90: [] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'a lag that grows over a change of workers',
    series: { [lag(0)]: '0+500x50 stale _x60', [lag(0, 'w2:9464')]: '_x52 26000+500x60' },
    at: { 49: [lagging(0)], 53: [lagging(0)], 75: [lagging(0)], 100: [lagging(0)] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'a backlog from the start that falls slowly',
    series: { [lag(0)]: '1000000-5000x120' },
    at: { 5: [], 20: [], 35: [], 60: [], 119: [] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'a backlog that arrives at once and is worked off, as after a replay',
    series: { [lag(0)]: '0x60 900000-10000x60' },
    at: { 61: [], 70: [], 75: [], 80: [], 90: [], 119: [] },
  },
  {
    alert: 'OomscopeWorkerLag',
    what: 'a short outage of ten minutes, a rebalance, and a busy topic that is never at 0',
    series: {
      [lag(0)]: '800 300 0+4000x10 40000-4000x9 300x10 800 300 700 250 800 350 900 200 800 300 700 250 800 350 900 200',
      [lag(1)]:
        '3000 9000 5000 2000 8000 7000 3000 9000 5000 2000 stale _x2 60000 40000 20000 3000 9000 5000 2000 8000 7000 3000 9000 5000 2000 8000 7000 3000 9000 5000 2000 8000 7000 3000 9000 5000 2000 8000',
      [lag(2)]: '60x90',
    },
    at: { 10: [], 15: [], 20: [], 25: [], 30: [], 35: [], 40: [], 45: [] },
  },
  {
    alert: 'OomscopeWorkerHeldUp',
    what: 'partitions that stay paused',
    series: { [paused]: '0x5 4x30' },
    at: { 10: [], 20: ['w1:9464'] },
  },
  {
    alert: 'OomscopeWorkerHeldUp',
    what: 'partitions that are paused now and then',
    series: { [paused]: '0 4 4 0 4 0 4 4 4 0 4 4 4 0 4 4 4 0 4 4 4' },
    at: { 12: [], 20: [] },
  },
  {
    alert: 'OomscopeWorkerCommitsNothing',
    what: 'reading without commits, by one worker of two',
    series: {
      [read()]: '0+100x120',
      [committed(0)]: '500x120',
      [committed(1)]: '900x120',
      [read('w2:9464')]: '0+100x120',
      [committed(2, 'w2:9464')]: '0+100x120',
    },
    at: { 40: [], 60: ['w1:9464'] },
  },
  {
    alert: 'OomscopeWorkerCommitsNothing',
    what: 'reading without any commit since the start',
    series: { [read()]: '0+100x60' },
    at: { 10: [], 20: ['w1:9464'] },
  },
  {
    alert: 'OomscopeWorkerCommitsNothing',
    what: 'one partition of two that moves',
    series: { [read()]: '0+100x120', [committed(0)]: '500x120', [committed(1)]: '0+9x120' },
    at: { 60: [], 119: [] },
  },
  {
    alert: 'OomscopeWorkerCommitsNothing',
    what: 'a worker that read and committed once and has been idle since',
    series: { [read()]: '0 0 70x110', [committed(0)]: '_ _ 70x110' },
    at: { 20: [], 40: [], 100: [] },
  },
];

/** An alert as promtool expects it, the labels in its annotations put in. */
function expected(rule: Rule | undefined, labels: Labels) {
  const annotations = Object.entries(rule?.annotations ?? {}).map(([key, text]) => [
    key,
    text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? ''),
  ]);
  return { exp_labels: { ...rule?.labels, ...labels }, exp_annotations: Object.fromEntries(annotations) };
}

function testFile(folder: string): string {
  const byName = new Map(groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule]));
  const tests = CASES.map(({ alert, what, series, at, labels }) => ({
    name: what,
    interval: '1m',
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    alert_rule_test: Object.entries(at).map(([minute, alerts]) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: alerts.map((one) =>
        expected(byName.get(alert), typeof one === 'string' ? { instance: one, job: 'oomscope', ...labels } : one),
      ),
    })),
  }));
  const file = join(folder, 'test.yml');
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }, { lineWidth: 0 }));
  return file;
}

describe('the Prometheus rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oomscope-promtool-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(!hasPromtool && !isRequired)('fire and stay quiet as promtool sees it', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', testFile(folder)], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('are all shown here', () => {
    expect([...new Set(CASES.map(({ alert }) => alert))].sort()).toEqual(METRIC_ALERTS.map(({ name }) => name).sort());
    for (const { name } of METRIC_ALERTS) {
      const seen = CASES.filter(({ alert }) => alert === name).flatMap(({ at }) => Object.values(at));
      expect(seen.some((instances) => instances.length > 0)).toBe(true);
      expect(seen.some((instances) => instances.length === 0)).toBe(true);
    }
  });

  it('use metrics of the table alone, with its labels', () => {
    for (const { expression } of METRIC_ALERTS) {
      const names = [...expression.matchAll(/\b(?:oomscope|node|kube|container|up)\w*/g)].map(([name]) => name);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(Object.keys(METRICS)).toContain(name);
      for (const [, name, label] of expression.matchAll(/(oomscope_\w+)\{(\w+)=/g)) {
        expect(Object.entries(METRICS).find(([key]) => key === name)?.[1].labels).toContain(label);
      }
    }
  });
});
