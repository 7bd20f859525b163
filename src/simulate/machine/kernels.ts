/** The kernels of the simulated fleet: one specification per era of formats. */
import type { KernelSpec } from '../state.ts';

const I386: Omit<KernelSpec, 'release' | 'build'> = {
  arch: 'i386',
  pageSizeKb: 4,
  blockOrders: 11,
  numa: false,
  cpusets: false,
  memcg: 'none',
  thp: false,
  cma: false,
  hwpoison: false,
  highmem: true,
};

const OLD_X86_64: Omit<KernelSpec, 'release' | 'build'> = {
  ...I386,
  arch: 'x86_64',
  numa: true,
  cpusets: true,
  highmem: false,
};

const X86_64: Omit<KernelSpec, 'release' | 'build'> = {
  ...OLD_X86_64,
  memcg: 'v1',
  thp: true,
  hwpoison: true,
};

const MODERN: Omit<KernelSpec, 'release' | 'build'> = { ...X86_64, memcg: 'v2', cma: true };

/** A 32-bit single-board computer: all of lowmem is zone DMA. */
const ARM: Omit<KernelSpec, 'release' | 'build'> = { ...I386, arch: 'arm', cpusets: true, memcg: 'v2', cma: true };

const ARM64: Omit<KernelSpec, 'release' | 'build'> = { ...MODERN, arch: 'arm64' };

/** Pages of 64 kB, the largest block 16 MiB. */
const PPC64: Omit<KernelSpec, 'release' | 'build'> = { ...MODERN, arch: 'ppc64', pageSizeKb: 64, blockOrders: 9 };

export const KERNELS = {
  '2.4': { ...I386, release: '2.4.32', build: '#1' },
  rhel3: { ...I386, release: '2.4.21-63.EL', build: '#1' },
  rhel4: { ...I386, release: '2.6.9-89.29.1.EL', build: '#1' },
  '2.6.9': { ...I386, release: '2.6.9', build: '#3' },
  '2.6.18': { ...I386, release: '2.6.18', build: '#1' },
  rhel5: { ...OLD_X86_64, release: '2.6.18-194.17.1.el5', build: '#1' },
  '2.6.20': { ...I386, release: '2.6.20', build: '#2' },
  '2.6.22': { ...I386, release: '2.6.22.19', build: '#1' },
  '2.6.24': { ...I386, release: '2.6.24', build: '#1' },
  '2.6.28': { ...I386, release: '2.6.28.6', build: '#1' },
  '2.6.32': { ...OLD_X86_64, release: '2.6.32.67', build: '#1' },
  'rhel6-131': { ...OLD_X86_64, release: '2.6.32-131.0.15.el6.x86_64', build: '#1' },
  rhel6: { ...OLD_X86_64, memcg: 'v1', release: '2.6.32-279.el6.x86_64', build: '#1' },
  '2.6.33': { ...I386, release: '2.6.33.3', build: '#1' },
  '2.6.39': { ...OLD_X86_64, release: '2.6.39.3', build: '#1' },
  '3.2': { ...I386, release: '3.2.59', build: '#21' },
  '3.4': { ...X86_64, thp: false, release: '3.4.110', build: '#1 SMP' },
  '3.10': { ...X86_64, release: '3.10.105', build: '#1 SMP' },
  rhel7: { ...X86_64, release: '3.10.0-1160.el7.x86_64', build: '#1' },
  'rhel7-514': { ...X86_64, release: '3.10.0-514.6.1.el7.x86_64', build: '#1' },
  '3.13': { ...X86_64, release: '3.13.11', build: '#1' },
  '3.16': { ...X86_64, release: '3.16.7', build: '#1' },
  '4.1': { ...X86_64, release: '4.1.19', build: '#1' },
  '4.4': { ...X86_64, cma: true, release: '4.4.121-4-amd64', build: '#130' },
  '4.8': { ...X86_64, cma: true, release: '4.8.15', build: '#1' },
  '4.9': { ...X86_64, cma: true, release: '4.9.115-amd64', build: '#1 SMP' },
  '4.9-i386': { ...I386, cma: false, release: '4.9.115-686-pae', build: '#1' },
  '4.14': { ...X86_64, cma: true, release: '4.14.74', build: '#1' },
  '4.19': { ...X86_64, cma: true, release: '4.19.90-amd64', build: '#1' },
  'rhel8-147': { ...X86_64, release: '4.18.0-147.el8.x86_64', build: '#1' },
  rhel8: { ...X86_64, release: '4.18.0-553.8.1.el8_10.x86_64', build: '#1' },
  '5.0': { ...X86_64, cma: true, release: '5.0.1', build: '#1' },
  '5.4': { ...X86_64, cma: true, release: '5.4.195-generic', build: '#108' },
  '5.10': { ...MODERN, release: '5.10.223-amd64', build: '#1' },
  rhel9: { ...MODERN, cma: true, release: '5.14.0-362.8.1.el9_3.x86_64', build: '#1' },
  'rhel9-611': { ...MODERN, release: '5.14.0-611.11.1.el9_7.x86_64', build: '#1' },
  '5.15': { ...MODERN, release: '5.15.135-generic', build: '#145' },
  '6.1': { ...MODERN, release: '6.1.55-amd64', build: '#1' },
  '6.1-i386': { ...I386, memcg: 'v2', cpusets: true, release: '6.1.55-686-pae', build: '#1' },
  '6.8': { ...MODERN, release: '6.8.1-generic', build: '#51' },
  '6.12': { ...MODERN, release: '6.12.17-amd64', build: '#1' },
  '6.18': { ...MODERN, release: '6.18.13', build: '#1 SMP' },
  '6.19': { ...MODERN, release: '6.19.10', build: '#1 SMP' },
  '6.1-arm': { ...ARM, release: '6.1.55-v7l+', build: '#1' },
  '5.15-arm64': { ...ARM64, release: '5.15.135-arm64', build: '#1' },
  '5.15-ppc64': { ...PPC64, release: '5.15.135-ppc64le', build: '#1' },
  '7.1': { ...MODERN, release: '7.1.8', build: '#1 SMP' },
} as const satisfies Readonly<Record<string, KernelSpec>>;

export type KernelName = keyof typeof KERNELS;
export const KERNEL_NAMES = Object.keys(KERNELS) as KernelName[];
