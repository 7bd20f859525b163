/** The unit of `free`, which says it nowhere. */
import type { HostContext, HostUsage } from '../../domain.ts';
import { machineTotalKb } from '../accounting.ts';
import type { ContextInput } from './input.ts';

/** kB in the units of `free -m`, `-g` and `-b`. */
const UNITS_KB = [1024, 1024 ** 2, 1 / 1024];
/** `free -g` truncates a total of 7.8 GiB to 7. */
const NEAR_RATIO = 0.15;

/** The context with the numbers of `free` in kB: they were printed in another unit when only that gives the report's memory. */
export function withUnitOfFree({ report, replay, context }: ContextInput): HostContext {
  const { memory, low, high, swap } = context.free;
  const totalKb = machineTotalKb(report, replay.pageSizeKb);
  const told = memory?.totalKb;
  if (told === undefined || totalKb === undefined || !memory?.exact) return context;
  const isNear = (kb: number): boolean => Math.abs(kb - totalKb) <= totalKb * NEAR_RATIO;
  const unit = isNear(told) ? undefined : UNITS_KB.find((factor) => isNear(told * factor));
  if (unit === undefined) return context;
  const scaled = (usage: HostUsage | undefined): HostUsage | undefined => usage && scale(usage, unit);
  const rows = { memory: scaled(memory), low: scaled(low), high: scaled(high), swap: scaled(swap) };
  const free = Object.fromEntries(Object.entries(rows).filter(([, usage]) => usage !== undefined));
  return { ...context, free };
}

function scale(usage: HostUsage, unitKb: number): HostUsage {
  const sizes = Object.entries(usage).map(([name, value]) => [
    name,
    name.endsWith('Kb') && typeof value === 'number' ? Math.trunc(value * unitKb) : value,
  ]);
  return { ...usage, ...Object.fromEntries(sizes), exact: unitKb < 1 };
}
