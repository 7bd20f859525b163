/** Which index template an index is made from: that of the months, or that of the inventory. */
import { INDEX_PREFIX } from './document.ts';
import { HOST_INDEX_PREFIX } from './host.ts';

export const REPORT_TEMPLATE = 'oom-report';
export const HOST_TEMPLATE = 'oom-host';

/** True for an index of the inventory, false for a month of reports. */
export const isHostIndex = (index: string): boolean => index.startsWith(HOST_INDEX_PREFIX);

/** False for an index that only an alias of such a name leads to. */
export const isOwnIndex = (index: string): boolean => index.startsWith(INDEX_PREFIX) || isHostIndex(index);

/** Name of the index template that Elasticsearch makes this index from. */
export const templateOf = (index: string): string => (isHostIndex(index) ? HOST_TEMPLATE : REPORT_TEMPLATE);
