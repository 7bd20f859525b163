/**
 * Whether the lines of a boot were read long after it, by the two clocks of a log: the stamps of the kernel, which count from
 * the boot, and the times of the records, which say when the lines were written.
 *
 *     09:00:04 [    0.000000] Linux version ...      09:00:04 [    0.000000] Linux version ...
 *     09:00:04 [    4.100000] eth0: link is up       09:00:04 [90061.400000] eth0: link is up
 *     a log daemon that came up with the host        one that read the ring of the kernel a day later
 */
import type { LogLine } from '../../domain.ts';

/** How far the lines of a boot have come. */
export interface KernelLog {
  /** Time of the first line; undefined where no record of it has one. */
  readonly startMs: number | undefined;
  lastMs: number;
  /** Stamp of the first line with one above zero; stamps stand at zero until the kernel has a clock. */
  baseUs: number | undefined;
  lastUs: number;
}

/** A log daemon comes up within minutes: more is a log read later. The same as a report is ranked behind its boot. */
const LATE_US = 600_000_000;

/** Lines that came so long after the first were not waiting to be read: this host was booted as it was logged. */
const SETTLED_MS = 60_000;

/** The log of a boot that begins with the line. */
export function beginLog(first: LogLine): KernelLog {
  const startMs = first.observedAtMs;
  const log = { startMs, lastMs: startMs ?? 0, baseUs: undefined, lastUs: 0 };
  followLog(log, first);
  return log;
}

/** Follows the log to a further line of the host. Clocks may be set back meanwhile, and stamps wrap: neither counts. */
export function followLog(log: KernelLog, { observedAtMs, bootUs }: LogLine): void {
  if (observedAtMs !== undefined) log.lastMs = Math.max(log.lastMs, observedAtMs);
  if (bootUs === undefined || bootUs <= 0) return;
  log.baseUs ??= bootUs;
  log.lastUs = Math.max(log.lastUs, bootUs);
}

/** The kernel's clock went on by much more than the times of the records: they are those of a later reading. */
export const isLate = ({ startMs, lastMs, baseUs, lastUs }: KernelLog): boolean =>
  startMs !== undefined && baseUs !== undefined && lastUs - baseUs - (lastMs - startMs) * 1000 > LATE_US;

/** Nothing that follows can tell more of it. */
export const isSettled = (log: KernelLog): boolean =>
  log.startMs === undefined || log.lastMs - log.startMs >= SETTLED_MS || isLate(log);
