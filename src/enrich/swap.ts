/** State of swap at the time of the report. */
import type { OomReport, SwapState } from '../domain.ts';

/** At most this share of swap free counts as full. */
const FULL_FREE_RATIO = 0.02;
/** A cgroup's swap counts as full from this share of its limit. */
const FULL_USAGE_RATIO = 0.99;

/** State of the machine's swap: none when its total is 0, full when at most 2 % of it is free. */
export function hostSwapState(report: OomReport): SwapState {
  const { totalSwapKb, freeSwapKb } = report.totals ?? {};
  if (totalSwapKb === 0) return 'none';
  if (totalSwapKb === undefined || freeSwapKb === undefined) return 'unknown';
  return freeSwapKb <= totalSwapKb * FULL_FREE_RATIO ? 'full' : 'available';
}

/**
 * State of the swap that counts for the event. For a memory cgroup: none when its limit leaves no swap (v2 swap limit 0; v1
 * memory+swap limit no higher than the memory limit), full when memory+swap or swap is at 99 % of its limit, available
 * below; unlimited, the machine's, which most kernels do not print with a cgroup's report.
 */
export function swapState(report: OomReport, isMemcg: boolean): SwapState {
  if (!isMemcg) return hostSwapState(report);
  const { swap, memoryAndSwap, limitKb } = report.memcg ?? {};
  if (swap && swap.limitKb !== null) {
    if (swap.limitKb === 0) return 'none';
    return swap.usageKb >= swap.limitKb * FULL_USAGE_RATIO ? 'full' : 'available';
  }
  if (memoryAndSwap && memoryAndSwap.limitKb !== null) {
    if (typeof limitKb === 'number' && memoryAndSwap.limitKb <= limitKb) return 'none';
    return memoryAndSwap.usageKb >= memoryAndSwap.limitKb * FULL_USAGE_RATIO ? 'full' : 'available';
  }
  return hostSwapState(report);
}
