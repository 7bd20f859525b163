/** The memory cgroup of a report: which limit was hit, and what its path says of pod, container and unit. */
import type { CgroupAnalysis, Memcg, OomReport } from '../domain.ts';

type PathFacts = Pick<CgroupAnalysis, 'podUid' | 'containerId' | 'runtime' | 'qos' | 'unit'>;

/**
 * A container id as a segment of its own: 64 hex digits; a task of Amazon ECS; a UUID, or the shortened one of Garden and of
 * early Kubernetes runtimes.
 */
const CONTAINER_ID =
  /^(?:[0-9a-f]{64}|[0-9a-f]{32}-[0-9]{8,12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4,12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){4})$/;
/** A pod's uid as 8-4-4-4-12 with - or _, or as 32 hex digits (static pods). */
const POD_UID = /^[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}$|^[0-9a-f]{32}$/;
const QOS = ['burstable', 'besteffort', 'guaranteed'];
/** Scope prefixes of the systemd driver, and the container runtime that each stands for. */
const RUNTIMES: Readonly<Record<string, string>> = {
  docker: 'docker',
  crio: 'cri-o',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  libpod: 'podman',
  'libpod-conmon': 'podman',
  nerdctl: 'containerd',
};

/** Facts of one path segment. */
function segmentFacts(segment: string, before: string | undefined): PathFacts {
  // kubepods-burstable-pod0123abcd_....slice, kubepods-besteffort.slice, kubepods-pod....slice
  const slice = /^(?:kubelet-)?kubepods(?:-([a-z]{1,16}))?(?:-pod([0-9a-f_-]{32,36}))?\.slice$/.exec(segment);
  if (slice) {
    const qos = slice[1] !== undefined && QOS.includes(slice[1]) ? slice[1] : undefined;
    const uid = slice[2] !== undefined && POD_UID.test(slice[2]) ? slice[2].replaceAll('_', '-') : undefined;
    return {
      ...(uid === undefined ? {} : { podUid: uid, qos: qos ?? 'guaranteed' }),
      ...(uid === undefined && qos !== undefined ? { qos } : {}),
    };
  }
  // pod0123abcd-...
  if (segment.startsWith('pod') && POD_UID.test(segment.slice(3)))
    return { podUid: segment.slice(3).replaceAll('_', '-') };
  // docker-<64 hex>.scope
  const scope = /^([a-z][a-z-]{0,31})-([0-9a-f]{64})\.scope$/.exec(segment);
  if (scope) {
    const runtime = RUNTIMES[scope[1] ?? ''];
    return { containerId: scope[2] ?? '', ...(runtime === undefined ? {} : { runtime }) };
  }
  if (CONTAINER_ID.test(segment)) {
    return { containerId: segment, ...(before === 'docker' ? { runtime: 'docker' } : {}) };
  }
  if (before === 'kubepods' && QOS.includes(segment)) return { qos: segment };
  if (before === 'lxc' || before === 'lxc.payload') return { containerId: segment, runtime: 'lxc' };
  const payload = /^lxc\.payload\.(.{1,255})$/.exec(segment);
  if (payload) return { containerId: payload[1] ?? '', runtime: 'lxc' };
  if (/\.(?:service|scope|socket|mount|swap)$/.test(segment)) return { unit: segment };
  return {};
}

/**
 * What a cgroup path names. Forms: `/kubepods/<qos>/pod<uid>/<id>`, `/kubepods.slice/kubepods-<qos>.slice/
 * kubepods-<qos>-pod<uid>.slice/<runtime>-<id>.scope`, `/docker/<id>`, `/system.slice/docker-<id>.scope`,
 * `/system.slice/<unit>`, `/user.slice/.../<unit>`, `/lxc/<name>`, `/machine.slice/<unit>`, `/ecs/<task>/<id>`, and
 * `....slice:cri-containerd:<id>`. Later segments win, so that the
 * innermost container and unit are named. Escapes are kept raw.
 */
export function readCgroupPath(path: string): PathFacts {
  // containerd under systemd without the systemd driver joins slice, runtime and id by colons.
  const joined = path.replace(/:([a-z][a-z-]{0,31}):([0-9a-f]{64})$/, '/$1-$2.scope');
  const segments = joined.split('/').filter((segment) => segment !== '');
  let facts: PathFacts = {};
  for (const [index, segment] of segments.entries()) {
    facts = { ...facts, ...segmentFacts(segment, segments[index - 1]) };
  }
  const inKubepods = segments[0] === 'kubepods' && facts.podUid !== undefined;
  return inKubepods && facts.qos === undefined ? { ...facts, qos: 'guaranteed' } : facts;
}

/** The counters of a cgroup that have a limit, with how full each is. */
function limitedCounters(
  memcg: Memcg,
): { kind: NonNullable<CgroupAnalysis['limitKind']>; usageKb: number; limitKb: number }[] {
  const counters = [
    { kind: 'memory' as const, usageKb: memcg.usageKb, limitKb: memcg.limitKb },
    { kind: 'memory+swap' as const, ...memcg.memoryAndSwap },
    { kind: 'kmem' as const, ...memcg.kmem },
  ];
  return counters.flatMap(({ kind, usageKb, limitKb }) =>
    usageKb === undefined || typeof limitKb !== 'number' || limitKb === 0 ? [] : [{ kind, usageKb, limitKb }],
  );
}

/** A counter this near to its limit, in pages that the kernel may have given back since, counts as being at it. */
const AT_LIMIT_RATIO = 0.99;

/**
 * The cgroup of a report: the counter nearest to its limit (memory before memory+swap before kmem when equally near) and
 * what the victim's path, else the limited path, names. A limit of swap alone fails no charge, so it is never the kind.
 */
export function analyseCgroup(report: OomReport): CgroupAnalysis | undefined {
  const { memcg, summary } = report;
  const path = memcg?.path ?? summary?.oomMemcg;
  const taskPath = memcg?.taskPath ?? summary?.taskMemcg;
  if (memcg === undefined && path === undefined && taskPath === undefined) return undefined;
  const counters = memcg ? limitedCounters(memcg) : [];
  const fullest = counters.toSorted((a, b) => b.usageKb / b.limitKb - a.usageKb / a.limitKb)[0];
  const atLimit = fullest && fullest.usageKb >= fullest.limitKb * AT_LIMIT_RATIO ? fullest : undefined;
  const usageKb = atLimit?.usageKb ?? memcg?.usageKb;
  const limitKb = atLimit?.limitKb ?? memcg?.limitKb;
  return {
    ...(path === undefined ? {} : { path }),
    ...(taskPath === undefined ? {} : { taskPath }),
    ...(atLimit === undefined ? {} : { limitKind: atLimit.kind }),
    ...(usageKb === undefined ? {} : { usageKb }),
    ...(limitKb === undefined ? {} : { limitKb }),
    ...readCgroupPath(path ?? ''),
    ...readCgroupPath(taskPath ?? ''),
  };
}
