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
  /** Minutes after which it is looked, and the instances that have an alert then. */
  readonly at: Readonly<Record<number, readonly string[]>>;
}

const worker = (name: string, instance = 'w1:9464', labels = '') =>
  `${name}{job="oomscope",instance="${instance}"${labels}}`;
const letters = (instance = 'w1:9464') => worker('oomscope_documents_total', instance, ',outcome="dead-letter"');
const created = worker('oomscope_documents_total', 'w1:9464', ',outcome="created"');
const read = (instance = 'w1:9464') => worker('oomscope_records_read_total', instance);
const committed = (partition: number, instance = 'w1:9464') =>
  worker('oomscope_commit_offset', instance, `,topic="syslog",partition="${partition}"`);
const paused = worker('oomscope_partitions_paused');

const CASES: readonly Case[] = [
  {
    alert: 'OomscopeDeadLetters',
    what: 'the first letter, whose counter begins with it',
    series: { [letters()]: '_x20 1x60' },
    at: { 19: [], 22: ['w1:9464'], 60: [] },
  },
  {
    alert: 'OomscopeDeadLetters',
    what: 'a further letter of one worker of two',
    series: { [letters()]: '3x40 4x40', [letters('w2:9464')]: '7x80' },
    at: { 30: [], 45: ['w1:9464'], 75: [] },
  },
  {
    alert: 'OomscopeDeadLetters',
    what: 'documents that are stored, and a worker that starts anew',
    series: { [created]: '0+5x80', [letters()]: '3x30 _x50' },
    at: { 20: [], 40: [], 70: [] },
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

function testFile(folder: string): string {
  const byName = new Map(groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule]));
  const tests = CASES.map(({ alert, what, series, at }) => ({
    name: what,
    interval: '1m',
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    alert_rule_test: Object.entries(at).map(([minute, instances]) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: instances.map((instance) => ({
        exp_labels: { ...byName.get(alert)?.labels, ...labelsOf(alert), instance, job: 'oomscope' },
        exp_annotations: byName.get(alert)?.annotations,
      })),
    })),
  }));
  const file = join(folder, 'test.yml');
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }, { lineWidth: 0 }));
  return file;
}

const labelsOf = (alert: string) => (alert === 'OomscopeDeadLetters' ? { outcome: 'dead-letter' } : {});

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
