/** The host dashboard: one host's history. Opened from a host's name it is filtered by it. */
import { count, measure, newest, overTime, terms, unique } from './columns.ts';
import { HOST_DASHBOARD_ID } from './data-view.ts';
import { bootOfHost } from './inventory.ts';
import { metricPanel, tablePanel, xyPanel } from './lens.ts';
import { buildDashboard, searchPanel } from './panel.ts';
import { SEARCH_IDS } from './searches.ts';
import { memoryOfReport, zonesOfReport } from './vega-panels.ts';

export const buildHostDashboard = () =>
  buildDashboard({
    id: HOST_DASHBOARD_ID,
    title: '[oomscope] Host',
    description: 'One host: what ran out, when, on which kernel, and what filled it. Filter by host.name.',
    timeFrom: 'now-1y',
    rows: [
      {
        height: 5,
        panels: [
          [12, metricPanel('Reports', count('reports'))],
          [12, metricPanel('Processes killed', measure('sum', 'oom.kills', 'kills'))],
          [12, metricPanel('Kernels', unique('host.os.kernel', 'kernels'))],
          [12, metricPanel('Last report', measure('max', '@timestamp', 'last'))],
        ],
      },
      { height: 6, panels: [[48, bootOfHost()]] },
      {
        height: 12,
        panels: [
          [
            24,
            xyPanel({
              title: 'Reports by verdict',
              series: 'bar_stacked',
              x: 'time',
              y: ['reports'],
              split: 'verdict',
              columns: {
                verdict: terms('oom.verdict', 'verdict', 10, 'reports'),
                time: overTime(),
                reports: count('reports'),
              },
            }),
          ],
          [
            24,
            xyPanel({
              title: 'Victims',
              series: 'bar_stacked',
              x: 'time',
              y: ['reports'],
              split: 'victim',
              where: 'process.name: *',
              columns: {
                victim: terms('process.name', 'victim', 10, 'reports', true),
                time: overTime(),
                reports: count('reports'),
              },
            }),
          ],
        ],
      },
      {
        height: 12,
        panels: [
          [
            24,
            xyPanel({
              title: 'What filled memory at each report',
              series: 'bar_stacked',
              x: 'time',
              y: ['anon', 'file', 'slabReclaimable', 'slab', 'tables', 'unattributed', 'free'],
              columns: {
                time: overTime(),
                anon: measure('average', 'oom.memory.anon_bytes', 'anon'),
                file: measure('average', 'oom.memory.file_bytes', 'file'),
                slabReclaimable: measure('average', 'oom.memory.slab_reclaimable_bytes', 'slab, reclaimable'),
                slab: measure('average', 'oom.memory.slab_unreclaimable_bytes', 'slab, unreclaimable'),
                tables: measure('average', 'oom.memory.pagetables_bytes', 'page tables'),
                unattributed: measure('average', 'oom.memory.unattributed_bytes', 'in no counter'),
                free: measure('average', 'oom.memory.free_bytes', 'free'),
              },
            }),
          ],
          [
            24,
            xyPanel({
              title: 'Zone Normal: free against its marks',
              series: 'line',
              x: 'time',
              y: ['free', 'min', 'low', 'high'],
              columns: {
                time: overTime(),
                free: measure('min', 'oom.zone.normal.free_bytes', 'free'),
                min: measure('max', 'oom.zone.normal.min_bytes', 'MIN'),
                low: measure('max', 'oom.zone.normal.low_bytes', 'LOW'),
                high: measure('max', 'oom.zone.normal.high_bytes', 'HIGH'),
              },
            }),
          ],
        ],
      },
      {
        height: 12,
        panels: [
          [
            24,
            tablePanel({
              title: 'Kernels of this host',
              columns: {
                kernel: terms('host.os.kernel', 'kernel', 20, 'last'),
                reports: count('reports'),
                first: measure('min', '@timestamp', 'first report'),
                last: measure('max', '@timestamp', 'last report'),
                verdict: newest('oom.verdict', 'newest verdict'),
              },
            }),
          ],
          [
            24,
            tablePanel({
              title: 'Cgroups at their limit',
              where: 'oom.memcg.path: *',
              columns: {
                cgroup: terms('oom.memcg.path', 'cgroup', 20, 'reports'),
                reports: count('reports'),
                limit: measure('max', 'oom.memcg.limit_bytes', 'limit'),
                victim: newest('process.name', 'newest victim'),
              },
            }),
          ],
        ],
      },
      {
        height: 14,
        panels: [
          [24, zonesOfReport()],
          [24, memoryOfReport()],
        ],
      },
      { height: 16, panels: [[48, searchPanel('Newest reports', SEARCH_IDS.reports)]] },
    ],
  });
