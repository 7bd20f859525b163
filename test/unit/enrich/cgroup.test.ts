import { describe, expect, it } from 'vitest';
import { analyseCgroup, readCgroupPath } from '../../../src/enrich/cgroup.ts';
import { report } from './build.ts';

const ID = '4f0c'.repeat(16);
const UID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
const UNDERSCORED = UID.replaceAll('-', '_');
const STATIC = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

describe('a cgroup path', () => {
  it.each([
    [`/kubepods/burstable/pod${UID}/${ID}`, { podUid: UID, qos: 'burstable', containerId: ID }],
    [`/kubepods/pod${UID}/${ID}`, { podUid: UID, qos: 'guaranteed', containerId: ID }],
    [`/kubepods/besteffort/pod${STATIC}`, { podUid: STATIC, qos: 'besteffort' }],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDERSCORED}.slice/cri-containerd-${ID}.scope`,
      { podUid: UID, qos: 'burstable', containerId: ID, runtime: 'containerd' },
    ],
    [
      `/kubepods.slice/kubepods-pod${UNDERSCORED}.slice/crio-${ID}.scope`,
      { podUid: UID, qos: 'guaranteed', containerId: ID, runtime: 'cri-o' },
    ],
    [`/kubepods.slice/kubepods-besteffort.slice`, { qos: 'besteffort' }],
    [
      `/kubepods.slice/kubepods-pod${STATIC}.slice/docker-${ID}.scope`,
      { podUid: STATIC, qos: 'guaranteed', containerId: ID, runtime: 'docker' },
    ],
    [`/docker/${ID}`, { containerId: ID, runtime: 'docker' }],
    [`/system.slice/docker-${ID}.scope`, { containerId: ID, runtime: 'docker' }],
    ['/system.slice/mariadb.service', { unit: 'mariadb.service' }],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/app-editor.scope', { unit: 'app-editor.scope' }],
    ['/lxc/39004', { containerId: '39004', runtime: 'lxc' }],
    ['/lxc.payload.web/system.slice/nginx.service', { containerId: 'web', runtime: 'lxc', unit: 'nginx.service' }],
    ['/machine.slice/machine-qemu\\x2d3\\x2dvm.scope', { unit: 'machine-qemu\\x2d3\\x2dvm.scope' }],
    [`/ecs/0123456789abcdef0123456789abcdef/${ID}`, { containerId: ID }],
    [
      `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${UNDERSCORED}.slice/cri-containerd-${ID}.scope`,
      { podUid: UID, qos: 'burstable', containerId: ID, runtime: 'containerd' },
    ],
    [
      `/system.slice/containerd.service/kubepods-besteffort-pod${UNDERSCORED}.slice:cri-containerd:${ID}`,
      { podUid: UID, qos: 'besteffort', containerId: ID, runtime: 'containerd', unit: 'containerd.service' },
    ],
    [
      '/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-4015103728',
      { containerId: '0123456789abcdef0123456789abcdef-4015103728' },
    ],
    [
      `/kubepods/besteffort/pod${UID}/15aa6e53-b09a-40c7-8558-c6c31e36c88a`,
      { podUid: UID, qos: 'besteffort', containerId: '15aa6e53-b09a-40c7-8558-c6c31e36c88a' },
    ],
    [
      '/system.slice/garden.service/garden/70eb4ce5-a065-4401-6990-88ed',
      { unit: 'garden.service', containerId: '70eb4ce5-a065-4401-6990-88ed' },
    ],
    ['/', {}],
    ['/kubepods/burstable/podnot-a-uid/x', { qos: 'burstable' }],
  ])('%s', (path, facts) => {
    expect(readCgroupPath(path)).toEqual(facts);
  });
});

describe('the limit that was hit', () => {
  const counter = (usageKb: number, limitKb: number | null) => ({ usageKb, limitKb, failcnt: 1, line: 0 });

  it('is the counter that stands at its limit', () => {
    const memcg = { path: '/a', usageKb: 307_112, limitKb: 307_200, memoryAndSwap: counter(614_400, 614_400), line: 0 };
    expect(analyseCgroup(report('4.8.0', { memcg }))).toEqual({
      path: '/a',
      limitKind: 'memory+swap',
      usageKb: 614_400,
      limitKb: 614_400,
    });
  });

  it('is memory where several do', () => {
    const memcg = {
      path: '/a',
      usageKb: 100,
      limitKb: 100,
      memoryAndSwap: counter(100, 100),
      kmem: counter(3, null),
      line: 0,
    };
    expect(analyseCgroup(report('4.8.0', { memcg }))?.limitKind).toBe('memory');
  });

  it('is not named when none does', () => {
    const memcg = { path: '/a', usageKb: 50, limitKb: null, line: 0 };
    expect(analyseCgroup(report('5.10.0', { memcg }))).toEqual({ path: '/a', usageKb: 50, limitKb: null });
  });

  it("takes paths from the summary line, and the pod from the victim's", () => {
    const summary = {
      oomMemcg: `/kubepods/burstable/pod${UID}`,
      taskMemcg: `/kubepods/burstable/pod${UID}/${ID}`,
      line: 0,
    };
    expect(analyseCgroup(report('5.10.0', { summary }))).toMatchObject({
      podUid: UID,
      containerId: ID,
      path: summary.oomMemcg,
    });
  });

  it('is absent without a cgroup', () => {
    expect(analyseCgroup(report('5.10.0'))).toBeUndefined();
  });
});
