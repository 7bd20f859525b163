/** The fields that ECS defines, with its types (ECS 9). */
import { ACTIONS } from '../domain.ts';
import { defineFields } from './field.ts';

/** Version of ECS that these fields are written to. */
export const ECS_VERSION = '9.0.0';

export const ECS_FIELDS = defineFields([
  {
    name: '@timestamp',
    type: 'date',
    meaning: 'Time of the anchor: the first kill line, else the trigger line, else the first line of the report.',
  },
  { name: 'message', type: 'text', meaning: 'Why memory ran out, in one sentence.' },
  { name: 'ecs.version', type: 'keyword', meaning: 'Version of ECS that the fields outside `oom` are written to.' },
  { name: 'event.kind', type: 'keyword', values: ['event'], meaning: 'Always `event`.' },
  {
    name: 'event.category',
    type: 'keyword',
    list: true,
    values: ['process', 'host'],
    meaning: 'Both; `host` alone for a page allocation failure.',
  },
  {
    name: 'event.type',
    type: 'keyword',
    list: true,
    values: ['end', 'info'],
    meaning: '`end` when a process was killed, else `info`.',
  },
  { name: 'event.action', type: 'keyword', values: ACTIONS, meaning: 'What the kernel did.' },
  {
    name: 'event.outcome',
    type: 'keyword',
    values: ['success', 'failure', 'unknown'],
    meaning:
      '`success` when a process was killed, `failure` when none could be (or memory was refused), `unknown` when the report was cut before its end.',
  },
  { name: 'event.reason', type: 'keyword', meaning: 'Why memory ran out, in one sentence, for aggregations.' },
  { name: 'event.code', type: 'keyword', meaning: 'The constraint, as printed.' },
  { name: 'event.module', type: 'keyword', values: ['oom'], meaning: 'Always `oom`.' },
  { name: 'event.dataset', type: 'keyword', values: ['oom.report'], meaning: 'Always `oom.report`.' },
  { name: 'event.id', type: 'keyword', meaning: 'The id of the document: a pure function of the event.' },
  {
    name: 'event.ingested',
    type: 'date',
    meaning: 'When the document was sent to the index. Alerts use this time; trends use `@timestamp`.',
  },
  {
    name: 'event.original',
    type: 'unindexed',
    meaning: 'The lines of the report. Beyond 64 KiB lines in its middle are left out, and a line says which.',
  },
  { name: 'host.name', type: 'keyword', meaning: 'The host, in lower case, as its records state it.' },
  { name: 'host.id', type: 'keyword', meaning: 'Machine id, when it travelled with the records.' },
  { name: 'host.boot.id', type: 'keyword', meaning: 'Boot id, when it travelled with the records.' },
  { name: 'host.architecture', type: 'keyword', meaning: 'Architecture, when the kernel release names it.' },
  { name: 'host.uptime', type: 'long', unit: 's', meaning: 'Time since boot at the anchor.' },
  { name: 'host.os.type', type: 'keyword', values: ['linux'], meaning: 'Always `linux`.' },
  { name: 'host.os.kernel', type: 'keyword', meaning: 'Kernel release, as printed in the task header.' },
  { name: 'process.pid', type: 'long', meaning: 'The first process that was killed.' },
  { name: 'process.name', type: 'keyword', meaning: 'Its comm: at most 15 characters.' },
  { name: 'user.id', type: 'keyword', meaning: 'Its user id, when the kill line or the process table prints one.' },
  { name: 'container.id', type: 'keyword', meaning: 'Container of the cgroup, from its path.' },
  { name: 'container.runtime', type: 'keyword', meaning: 'Container runtime, from the path of the cgroup.' },
  { name: 'orchestrator.type', type: 'keyword', values: ['kubernetes'], meaning: 'Present for a pod.' },
  { name: 'orchestrator.resource.type', type: 'keyword', values: ['pod'], meaning: 'Present for a pod.' },
  { name: 'orchestrator.resource.id', type: 'keyword', meaning: 'Uid of the pod, from the path of the cgroup.' },
  { name: 'related.hosts', type: 'keyword', list: true, meaning: 'The host.' },
]);
