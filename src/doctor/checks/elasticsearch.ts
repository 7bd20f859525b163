/** Elasticsearch: whether it can be reached, may be written, and has what `oomscope setup` installs. */
import { type Check, duration, type Finding, failure, ok, warning } from './check.ts';
import type { ElasticsearchFacts, Facts, TemplateFacts } from './facts.ts';

const reachable: Check = {
  name: 'elasticsearch',
  area: 'elasticsearch',
  title: 'Elasticsearch answers',
  looksAt: 'an answer at elasticsearch.url and its version',
  fails: 'no answer, or neither 8.19 (or a later 8) nor 9.x',
  code: 'SINK_UNREACHABLE',
  judge: ({ elasticsearch: { address, failure: none, status, version, error } }) => {
    if (none !== undefined) {
      const advice =
        none.reason === 'timeout'
          ? 'Check the route and the firewalls, or raise elasticsearch.timeout.'
          : 'Check elasticsearch.url (http or https, host, port) and elasticsearch.ca.';
      return [failure(none.message, advice)];
    }
    // Whether it lets us in is the next check's.
    if (status === 401) return [ok('answers 401', address)];
    if (status === 403) return [ok('answers; the version may not be read (cluster privilege monitor)', address)];
    if (version === undefined) {
      const found = `answered ${status ?? 'nothing'}${error ? ` (${error})` : ''}`;
      return [failure(found, 'Check elasticsearch.url: a proxy or another server may stand there.', address)];
    }
    if (isSupported(version)) return [ok(`version ${version}`, address)];
    return [failure(`version ${version}`, 'Use Elasticsearch 8.19 or 9.x.', address)];
  },
};

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 9 || (major === 8 && minor >= 19);
}

const privileges: Check = {
  name: 'privileges',
  area: 'elasticsearch',
  title: 'credentials and privileges',
  looksAt: 'the privileges of the role oomscope-worker, and read, view_index_metadata and monitor on its indices',
  warns: 'one is missing that queries and this command need and the worker does not',
  fails: 'the credentials are refused, or the worker lacks a privilege',
  code: 'SINK_FORBIDDEN',
  judge: ({ elasticsearch: { status, missingPrivileges, error, version } }) => {
    const refused = `answered ${status}${error ? ` (${error})` : ''}`;
    if (status === 401 || (status === 403 && missingPrivileges === undefined)) {
      const advice = 'Check elasticsearch.api.key, or elasticsearch.username and elasticsearch.password.';
      return [failure(refused, advice)];
    }
    if (version === undefined && status !== 403) return [];
    if (missingPrivileges === undefined) return [ok('the server has no security, or does not tell')];
    const { worker, others } = missingPrivileges;
    if (worker.length > 0) {
      return [
        failure(`not granted: ${worker.join(', ')}`, 'Give the user the role of elastic/roles/oomscope-worker.json.'),
      ];
    }
    if (others.length === 0) return [ok('all granted')];
    const advice =
      'The worker does without. For questions use a user with the role of elastic/roles/oomscope-upkeep.json.';
    return [warning(`not granted: ${others.join(', ')}`, advice)];
  },
};

const templates: Check = {
  name: 'templates',
  area: 'elasticsearch',
  title: 'templates and mappings',
  looksAt:
    'the templates of `oomscope setup`, the fields and aliases of the months that exist, and templates that go before ours',
  warns: 'a template was changed by hand',
  fails:
    'a template is missing, of another version or made by others, a month lacks fields or aliases or has a field in another type, or a template of higher priority matches our indices',
  code: 'SINK_TEMPLATE_MISSING',
  judge: ({ elasticsearch }) => judgeTemplates(elasticsearch),
};

function judgeTemplates(facts: ElasticsearchFacts): Finding[] {
  if (facts.templateError === undefined && facts.templates === undefined) return [];
  const findings = [...refusedTemplates(facts), ...(facts.templates ?? []).flatMap(judgeTemplate)];
  for (const { name, priority } of facts.rivals ?? []) {
    const found = `goes before ours with priority ${priority}`;
    const advice = 'Narrow its index_patterns or lower its priority: new months would have its mapping.';
    findings.push(failure(found, advice, name));
  }
  return findings.length > 0 ? findings : [ok('installed, of this version')];
}

function refusedTemplates({ templateError }: ElasticsearchFacts): Finding[] {
  if (templateError === undefined) return [];
  const { code, message } = templateError;
  const rights = 'The worker, too, reads the templates at its start: give its user the role of elastic/roles.';
  if (code === 'SINK_FORBIDDEN') return [failure(message, rights)];
  return message.split('\n').map((line) => failure(line, 'Until then `oomscope setup` changes nothing.'));
}

function judgeTemplate({ name, kind, change }: TemplateFacts): Finding[] {
  if (change === 'unchanged') return [];
  if (change === 'created') return [failure('is not installed', 'Run `oomscope setup`.', name)];
  const lacks = LACKS[kind];
  if (lacks !== undefined) return [failure(lacks, 'Run `oomscope setup`: it adds them.', name)];
  const advice = 'Run `oomscope setup`; what is your own belongs into oom-report@custom.';
  return [warning('is not what this version installs', advice, name)];
}

/** What an index lacks, by the kind of its change. */
const LACKS: Readonly<Record<string, string>> = {
  mapping: 'lacks fields, or the version of their schema',
  aliases: 'lacks aliases, so searches by alias pass it over',
  limit: 'has no room for the fields it lacks',
};

/** Above this the default watermarks of the disk are near, unless this much is left. */
const FULL_PERCENT = 85;
const ROOM_BYTES = 200 * 1024 ** 3;

const writable: Check = {
  name: 'writable',
  area: 'elasticsearch',
  title: 'months can be written',
  looksAt: 'health of the cluster, blocks and state of the months, room on the disks',
  warns: 'the cluster is red, a disk is 85 % full with less than 200 GiB left, or a month is closed',
  fails: 'a month is red or blocked for writing (also by the flood stage of the disk)',
  code: 'SINK_UNREACHABLE',
  judge: ({ elasticsearch: { health, indices, disks } }) => {
    if (health === undefined && indices === undefined) return [];
    const findings: Finding[] = [];
    for (const { name, health: own, closed, blocks } of indices ?? []) {
      if (blocks.length > 0) findings.push(failure(`blocked: ${blocks.join(', ')}`, blockAdvice(blocks), name));
      else if (closed)
        findings.push(warning('is closed', 'Open it, or its reports wait and hold the worker up.', name));
      else if (own === 'red')
        findings.push(failure('is red: a shard is missing', 'Ask `GET _cluster/allocation/explain`.', name));
    }
    if (health === 'red' && findings.length === 0) {
      findings.push(
        warning('the cluster is red', 'A shard of another index is missing: GET _cluster/health?level=indices.'),
      );
    }
    for (const { node, usedPercent, freeBytes } of disks ?? []) {
      if (usedPercent < FULL_PERCENT || freeBytes >= ROOM_BYTES) continue;
      const found = `the disk of ${node} is ${usedPercent} % full`;
      findings.push(warning(found, 'Make room: at the flood stage (95 %) Elasticsearch refuses to write.'));
    }
    return findings.length > 0 ? findings : [ok(`the cluster is ${health ?? 'there'}`)];
  },
};

const blockAdvice = (blocks: readonly string[]): string =>
  blocks.includes('read_only_allow_delete')
    ? 'The disk was at its flood stage: make room; the block goes by itself, or with index.blocks.read_only_allow_delete null.'
    : 'Somebody set the block: take it back in the settings of the index. Documents wait until then.';

const newest: Check = {
  name: 'newest-report',
  area: 'elasticsearch',
  title: 'newest report',
  looksAt: 'the time of the newest report',
  warns: 'it lies more than a day in the future',
  code: 'CONFIG_INVALID',
  judge: ({ elasticsearch: { newestReportAtMs }, nowMs }: Facts) => {
    if (newestReportAtMs === undefined) return [];
    if (newestReportAtMs === null) return [ok('there is none yet: no host has run out of memory, or nothing arrives')];
    const ageMs = nowMs - newestReportAtMs;
    if (ageMs >= -DAY_MS) return [ok(`${duration(Math.max(0, ageMs))} old`)];
    return [warning(`${duration(ageMs)} in the future`, 'The clock of that host is wrong; set it (NTP).')];
  },
};

const DAY_MS = 86_400_000;

export const ELASTICSEARCH_CHECKS: readonly Check[] = [reachable, privileges, templates, writable, newest];
