/** What the system tells of a process. Zero where it does not tell: elsewhere than on Linux, or when the process has ended. */
import { readFileSync } from 'node:fs';

/** The kernel states times in hundredths of a second to user space (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Most resident memory so far, in MB. */
export const peakMb = (pid: number): number => statusMb(pid, 'VmHWM');

/** Resident memory, in MB. */
export const residentMb = (pid: number): number => statusMb(pid, 'VmRSS');

function statusMb(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  const kb = new RegExp(`${name}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1];
  return Math.round(Number(kb ?? 0) / 1024);
}

/** Processor time so far, of user and system, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name stands in parentheses and may hold blanks: `812 (node) S 1 ...`; utime and stime are fields 14 and 15.
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
