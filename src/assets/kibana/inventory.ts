/** Panels over the inventory: hosts as they said when they were booted, or in a report; the time of the dashboard is not theirs. */
import { type Columns, count, measure, newest, terms } from './columns.ts';
import { metricPanel, tablePanel } from './lens.ts';
import { HOST_DATA_VIEW_ID } from './object.ts';

const INVENTORY = { dataViewId: HOST_DATA_VIEW_ID } as const;
const HIGHMEM = { ...INVENTORY, where: 'oom.highmem.present: true' } as const;

/** One row for each of `size` hosts, the last booted first. */
const hostColumns = (size: number): Columns => ({
  host: terms('host.name', 'host', size, 'booted'),
  kernel: newest('host.os.kernel', 'kernel'),
  bits: measure('max', 'oom.kernel.address_bits', 'bits'),
  pae: newest('oom.kernel.pae', 'PAE'),
  memory: measure('max', 'oom.memory.total_bytes', 'memory'),
  lowmem: measure('max', 'oom.lowmem.total_bytes', 'low memory'),
  highmem: measure('max', 'oom.highmem.total_bytes', 'HighMem'),
  firmware: measure('max', 'oom.host.firmware_bytes', 'memory by firmware'),
  booted: measure('max', 'oom.host.booted', 'booted'),
  source: newest('oom.host.source', 'known from'),
});

export const highmemHostsKnown = () => metricPanel('32-bit highmem hosts known', count('hosts'), HIGHMEM);

/** Before the first OOM as well. */
export const highmemHosts = () =>
  tablePanel({ title: '32-bit highmem hosts, with or without an OOM', columns: hostColumns(100), ...HIGHMEM });

export const kernelsOfHosts = () =>
  tablePanel({
    title: 'Kernels that hosts run',
    columns: {
      kernel: terms('host.os.kernel', 'kernel', 50, 'hosts'),
      hosts: count('hosts'),
      highmem: count('with HighMem', HIGHMEM.where),
      booted: measure('max', 'oom.host.booted', 'last booted'),
    },
    ...INVENTORY,
  });

export const bootOfHost = () => tablePanel({ title: 'As it was booted', columns: hostColumns(10), ...INVENTORY });
