/** The ECS part of a document: event, host, the victim as process, container and pod. */
import type { Analysis, OomReport } from '../domain.ts';
import type { Leaves } from './fields.ts';
import { ECS_VERSION } from './fields-ecs.ts';
import { originalText } from './original.ts';

/** The parts of a document that ECS names. `ingestedAtMs` becomes event.ingested. */
export function ecsLeaves(report: OomReport, analysis: Analysis, ingestedAtMs: number | undefined): Leaves {
  return {
    '@timestamp': analysis.identity.timestampMs,
    message: analysis.sentence,
    'ecs.version': ECS_VERSION,
    ...eventLeaves(report, analysis, ingestedAtMs),
    ...hostLeaves(report),
    ...victimLeaves(report),
    ...workloadLeaves(analysis),
  };
}

function eventLeaves(report: OomReport, analysis: Analysis, ingestedAtMs: number | undefined): Leaves {
  return {
    'event.kind': 'event',
    'event.category': report.action === 'page-allocation-failure' ? ['host'] : ['process', 'host'],
    'event.type': report.kills.length > 0 ? ['end'] : ['info'],
    'event.action': report.action,
    'event.outcome': outcomeOf(report),
    'event.reason': analysis.sentence,
    'event.code': report.summary?.constraint,
    'event.module': 'oom',
    'event.dataset': 'oom.report',
    'event.id': analysis.identity.id,
    'event.ingested': ingestedAtMs,
    'event.original': originalText(report.lines),
  };
}

/**
 * `success`: the kernel killed and said so. `failure`: it found no victim, panicked, or refused the memory. `unknown`:
 * the report was cut before its end.
 */
function outcomeOf(report: OomReport): 'success' | 'failure' | 'unknown' {
  if (report.kills.length > 0) return 'success';
  return report.action === 'oom-kill' ? 'unknown' : 'failure';
}

/**
 * Kill lines of the report. Zero only where the kernel said that it found no victim or panicked; undefined where the
 * report was cut before its end, and for page allocation failures, which kill nobody.
 */
export function killCount(report: OomReport): number | undefined {
  if (report.kills.length > 0) return report.kills.length;
  return report.action === 'oom-no-victim' || report.action === 'oom-panic' ? 0 : undefined;
}

function hostLeaves(report: OomReport): Leaves {
  const { bootUs } = report.anchor;
  return {
    'host.name': report.host,
    'host.id': report.hostId,
    'host.boot.id': report.bootId,
    'host.architecture': architectureOf(report.kernel.release),
    'host.uptime': bootUs === undefined ? undefined : Math.floor(bootUs / 1e6),
    'host.os.type': 'linux',
    'host.os.kernel': report.kernel.release,
    'related.hosts': report.host === '' ? undefined : [report.host],
  };
}

const ARCHITECTURES = ['x86_64', 'aarch64', 'ppc64le', 's390x', 'riscv64', 'i386', 'i486', 'i586', 'i686', 'armv7l'];

/** The architecture that an enterprise or Fedora release ends with: '3.10.0-1160.el7.x86_64'. */
export function architectureOf(release: string | undefined): string | undefined {
  return ARCHITECTURES.find((name) => release?.endsWith(`.${name}`));
}

function victimLeaves(report: OomReport): Leaves {
  const kill = report.kills[0];
  if (!kill) return {};
  const uid = kill.uid ?? report.tasks.find((task) => task.pid === kill.pid)?.uid;
  return {
    'process.pid': kill.pid,
    'process.name': kill.comm || undefined,
    'user.id': uid === undefined ? undefined : String(uid),
  };
}

function workloadLeaves({ cgroup }: Analysis): Leaves {
  const isPod = cgroup?.podUid !== undefined;
  return {
    'container.id': cgroup?.containerId,
    'container.runtime': cgroup?.runtime,
    'orchestrator.type': isPod ? 'kubernetes' : undefined,
    'orchestrator.resource.type': isPod ? 'pod' : undefined,
    'orchestrator.resource.id': cgroup?.podUid,
  };
}
