/** All twins by name. The seed report's twin stands in src/simulate. */
import { BETWEEN_MARKS_RHEL6 } from './between-marks-rhel6.ts';
import { BETWEEN_MARKS_RHEL8 } from './between-marks-rhel8.ts';
import { HIGHMEM_FULL_2_6_32 } from './highmem-full-2.6.32.ts';
import { MEMCG_V1_RHEL7 } from './memcg-v1-rhel7.ts';
import { MEMCG_V2_5_15 } from './memcg-v2-5.15.ts';
import { NO_SWAP_3_13 } from './no-swap-3.13.ts';
import { PAGE_FAULT_5_7 } from './page-fault-5.7.ts';
import { SMALL_5_10 } from './small-5.10.ts';
import { SWAP_FULL_6_1 } from './swap-full-6.1.ts';
import { SYSRQ_6_18 } from './sysrq-6.18.ts';
import type { TwinPlan } from './twin.ts';
import { TWO_NODES_64K } from './two-nodes-64k-2.6.28.ts';
import { TWO_NODES_RHEL7 } from './two-nodes-rhel7.ts';

export const TWINS: Readonly<Record<string, TwinPlan>> = {
  'swap-full-6.1': SWAP_FULL_6_1,
  'memcg-v2-5.15': MEMCG_V2_5_15,
  'two-nodes-rhel7': TWO_NODES_RHEL7,
  'small-5.10': SMALL_5_10,
  'no-swap-3.13': NO_SWAP_3_13,
  'between-marks-rhel6': BETWEEN_MARKS_RHEL6,
  'between-marks-rhel8': BETWEEN_MARKS_RHEL8,
  'page-fault-5.7': PAGE_FAULT_5_7,
  'sysrq-6.18': SYSRQ_6_18,
  'highmem-full-2.6.32': HIGHMEM_FULL_2_6_32,
  'memcg-v1-rhel7': MEMCG_V1_RHEL7,
  'two-nodes-64k-2.6.28': TWO_NODES_64K,
};
