/** The questions that operators ask of a fleet, each once. */
import { type Condition, IS_REPORT, type Question } from './question.ts';

/** An OOM proper: page allocation failures stand in the same index. */
const OOM: Condition = { field: 'event.action', is: ['oom-kill', 'oom-no-victim', 'oom-panic'] };

const REPORTS = { name: 'reports', kind: 'count' } as const;
const HOSTS = { name: 'hosts', kind: 'distinct', field: 'host.name' } as const;
const FIRST = { name: 'first_seen', kind: 'least', field: '@timestamp' } as const;
const LAST = { name: 'last_seen', kind: 'most', field: '@timestamp' } as const;
const TIME = { name: 'time', field: '@timestamp' } as const;

const define = <const Table extends readonly Question[]>(table: Table): Table => table;

const CATALOGUE = define([
  {
    name: 'trend',
    title: 'Trend by cause',
    meaning: 'How many OOMs there were over time, by verdict: a cause that grows is met before it is a storm.',
    conditions: [OOM],
    groups: [TIME, { name: 'verdict', field: 'oom.verdict' }],
    measures: [REPORTS, HOSTS],
  },
  {
    name: 'victims',
    title: 'Top victims',
    meaning: 'Which programs were killed most often, on how many hosts, and how large they had grown.',
    conditions: [OOM],
    groups: [{ name: 'victim', field: 'process.name' }],
    measures: [REPORTS, HOSTS, { name: 'largest_rss_bytes', kind: 'most', field: 'oom.victim.rss_bytes' }, LAST],
  },
  {
    name: 'hosts',
    title: 'Hosts with repeated OOMs',
    meaning:
      'Hosts on which a kill mended nothing: two OOMs or more, with how many programs died and of how many causes.',
    conditions: [OOM],
    groups: [{ name: 'host', field: 'host.name' }],
    measures: [
      REPORTS,
      { name: 'victims', kind: 'distinct', field: 'process.name' },
      { name: 'verdicts', kind: 'distinct', field: 'oom.verdict' },
      FIRST,
      LAST,
    ],
    atLeast: 2,
  },
  {
    name: 'kernels',
    title: 'OOMs by kernel release',
    meaning:
      'OOMs of each kernel release, on how many hosts, and since when: after an upgrade, the new release beside the old.',
    conditions: [OOM],
    groups: [{ name: 'kernel', field: 'host.os.kernel' }],
    measures: [REPORTS, HOSTS, FIRST, LAST],
  },
  {
    name: 'kernel-trend',
    title: 'OOMs after a kernel upgrade',
    meaning: 'OOMs over time by kernel release: whether they began, or ended, with an upgrade.',
    conditions: [OOM],
    groups: [TIME, { name: 'kernel', field: 'host.os.kernel' }],
    measures: [REPORTS, HOSTS],
  },
  {
    name: 'cgroups',
    title: 'Pods and cgroups over their limit',
    meaning: 'Memory cgroups that reached their limit, with the pod when the path names one, and the limit.',
    conditions: [{ field: 'oom.verdict', is: 'memcg-limit' }],
    groups: [{ name: 'cgroup', field: 'oom.memcg.path' }],
    measures: [
      REPORTS,
      HOSTS,
      { name: 'limit_bytes', kind: 'most', field: 'oom.memcg.limit_bytes' },
      { name: 'pod', kind: 'most', field: 'orchestrator.resource.id' },
      LAST,
    ],
  },
  {
    name: 'lowmem',
    title: 'Lowmem exhaustion by holder',
    meaning: 'What held the low memory of 32-bit hosts when it was used up, and how close to nothing they came.',
    conditions: [{ field: 'oom.lowmem.exhausted', is: true }],
    groups: [{ name: 'holder', field: 'oom.holder' }],
    measures: [
      REPORTS,
      HOSTS,
      { name: 'least_free_to_min_ratio', kind: 'least', field: 'oom.lowmem.free_to_min_ratio' },
      { name: 'least_free_bytes', kind: 'least', field: 'oom.lowmem.free_bytes' },
      LAST,
    ],
  },
  {
    name: 'innocents',
    title: 'Innocent victims',
    meaning:
      'Programs that were killed although they held a small part of the memory, what held most of it, and the largest program then.',
    conditions: [{ field: 'oom.findings', is: 'innocent-victim' }],
    groups: [
      { name: 'victim', field: 'process.name' },
      { name: 'held_by', field: 'oom.holder' },
      { name: 'largest', field: 'oom.largest.name' },
    ],
    measures: [REPORTS, HOSTS, { name: 'largest_rss_bytes', kind: 'most', field: 'oom.largest.rss_bytes' }, LAST],
  },
  {
    name: 'fragmentation',
    title: 'Fragmentation by order',
    meaning:
      'Requests that failed for want of adjacent pages, by their order: how many killed, how many were merely refused.',
    conditions: [{ field: 'oom.verdict', is: 'fragmented' }],
    groups: [{ name: 'order', field: 'oom.trigger.order' }],
    measures: [
      REPORTS,
      HOSTS,
      { name: 'ooms', kind: 'count', where: OOM },
      { name: 'refused', kind: 'count', where: { field: 'event.action', is: 'page-allocation-failure' } },
      LAST,
    ],
  },
  {
    name: 'at-risk',
    title: 'Hosts at risk: 32 bits with HighMem',
    meaning:
      'Every 32-bit host with HighMem, whether it had a report or only told so when it was booted: the size of its low and high memory, how often low memory was used up, and the least that was left of it. A host with 0 reports has had no OOM in the period.',
    conditions: [{ field: 'oom.highmem.present', is: true }],
    groups: [{ name: 'host', field: 'host.name' }],
    inventory: true,
    measures: [
      { name: 'reports', kind: 'count', where: IS_REPORT },
      { name: 'lowmem_exhausted', kind: 'count', where: { field: 'oom.lowmem.exhausted', is: true } },
      { name: 'lowmem_bytes', kind: 'most', field: 'oom.lowmem.total_bytes' },
      { name: 'highmem_bytes', kind: 'most', field: 'oom.highmem.total_bytes' },
      { name: 'least_free_to_min_ratio', kind: 'least', field: 'oom.lowmem.free_to_min_ratio' },
      { name: 'kernel', kind: 'most', field: 'host.os.kernel' },
      { name: 'first_oom', kind: 'least', field: '@timestamp', where: OOM },
      { name: 'last_oom', kind: 'most', field: '@timestamp', where: OOM },
    ],
  },
]);

export type QuestionName = (typeof CATALOGUE)[number]['name'];

/** All questions, in the order of the reference. */
export const QUESTIONS: readonly Question[] = CATALOGUE;

/** The question of a name; undefined when there is none. */
export const findQuestion = (name: string): Question | undefined =>
  QUESTIONS.find((question) => question.name === name);
