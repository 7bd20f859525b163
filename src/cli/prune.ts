/** `oomscope prune --older-than 400d`: deletes months of reports, where no lifecycle policy does. */
import { systemClock } from '../ops/index.ts';
import { deleteMonth, findMonths } from '../store/index.ts';
import { OomscopeError } from '../tables/errors.ts';
import type { OptionValues } from '../tables/options.ts';
import { bytesToKb, formatKb } from '../units.ts';
import { elasticsearchClientOf } from './setup.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes every month that ended so long ago, oldest first, and says so; exit code 0. Rejects with CONFIG_INVALID without
 * an age, with SINK_UNREACHABLE and SINK_FORBIDDEN.
 */
export async function runPrune(options: OptionValues, { dryRun }: { dryRun: boolean }): Promise<number> {
  const age = options['older.than'];
  if (age === undefined) {
    throw new OomscopeError('CONFIG_INVALID', '--older-than is not given; expected an age in days, as in 400d');
  }
  const beforeMs = systemClock.nowMs() - Number(age.slice(0, -1)) * DAY_MS;
  const client = elasticsearchClientOf(options);
  try {
    const months = await findMonths(client, beforeMs);
    for (const month of months) {
      const size = formatKb(bytesToKb(month.bytes));
      const done = dryRun ? 'would be deleted' : (await deleteMonth(client, month)) ? 'deleted' : 'deleted meanwhile';
      console.log(`${month.index} (${size}): ${done}`);
    }
    if (months.length === 0) console.log(`No month at ${client.address} ended ${age} ago or earlier.`);
    return 0;
  } finally {
    await client.close();
  }
}
