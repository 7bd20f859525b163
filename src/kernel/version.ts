/** Kernel releases as comparable versions. */
import type { Vendor } from '../domain.ts';

/** [major, minor, patch]; 2.6.32 is [2, 6, 32], 6.8 is [6, 8, 0]. */
export type Version = readonly [number, number, number];

/**
 * The version that a release string begins with: '3.10.0-514.6.1.el7.x86_64' is [3, 10, 0], '4.20.0+' is [4, 20, 0],
 * '2.6.32.67' is [2, 6, 32]. Undefined when it does not begin with two numbers.
 */
export function parseVersion(release: string): Version | undefined {
  const match = /^(\d{1,3})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(release);
  if (!match) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Negative when a is older than b, 0 when equal, positive when newer. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

export const isAtLeast = (version: Version, bound: Version): boolean => compareVersions(version, bound) >= 0;

export const isBefore = (version: Version, bound: Version): boolean => compareVersions(version, bound) < 0;

export const formatVersion = (version: Version): string =>
  version[0] === 2 || version[2] !== 0 ? version.join('.') : `${version[0]}.${version[1]}`;

/**
 * The enterprise line of a release, whose formats are newer than its number: '3.10.0-1160.el7.x86_64' is rhel7,
 * '4.18.0-553.8.1.el8_10.x86_64' is rhel8, '2.6.9-89.EL' is rhel4. Oracle UEK kernels (`uek`) follow mainline.
 */
export function vendorOf(release: string): Vendor | undefined {
  if (/uek/i.test(release)) return undefined;
  const el = /\.el(\d{1,2})(?:[._]|$)/.exec(release) ?? /\.el(\d{1,2})/.exec(release);
  if (el) {
    switch (Number(el[1])) {
      case 5:
        return 'rhel5';
      case 6:
        return 'rhel6';
      case 7:
        return 'rhel7';
      case 8:
        return 'rhel8';
      case 9:
        return 'rhel9';
      case 10:
        return 'rhel10';
      default:
        return undefined;
    }
  }
  if (/^2\.4\.\d+-[\d.]+\.?EL/.test(release)) return 'rhel3';
  if (/^2\.6\.9-[\d.]+\.?EL/.test(release)) return 'rhel4';
  return undefined;
}

/** The build number of an enterprise release: 514 of '3.10.0-514.6.1.el7.x86_64'. */
export function vendorBuild(release: string): number | undefined {
  const match = /^\d+\.\d+(?:\.\d+)?-(\d+)/.exec(release);
  return match ? Number(match[1]) : undefined;
}
