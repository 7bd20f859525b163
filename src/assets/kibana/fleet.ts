/** The fleet dashboard: trends, hosts, victims, causes, cgroups, 32-bit hosts, and how good the data is. */
import { count, measure, newest, overTime, terms, unique } from './columns.ts';
import { highmemHosts, highmemHostsKnown, kernelsOfHosts } from './inventory.ts';
import { heatmapPanel, metricPanel, tablePanel, xyPanel } from './lens.ts';
import { buildDashboard, searchPanel } from './panel.ts';
import { SEARCH_IDS } from './searches.ts';
import { cgroupScatter, lowmemScatter } from './vega-panels.ts';

const HIGHMEM = 'oom.highmem.present: true';
const CGROUP = 'oom.memcg.path: *';

/** Reports per span of time, stacked by the values of a field. */
const trend = (title: string, field: Parameters<typeof terms>[0], size: number, where?: string) =>
  xyPanel({
    title,
    series: 'bar_stacked',
    x: 'time',
    y: ['reports'],
    split: 'value',
    columns: { value: terms(field, title, size, 'reports', true), time: overTime(), reports: count('reports') },
    ...(where === undefined ? {} : { where }),
  });

export const buildFleetDashboard = () =>
  buildDashboard({
    id: 'oomscope-fleet',
    title: '[oomscope] Fleet',
    description: 'Why memory ran out, on which hosts, and whom it cost. A host or a report opens with a click on it.',
    timeFrom: 'now-30d',
    rows: [
      {
        height: 5,
        panels: [
          [6, metricPanel('Reports', count('reports'))],
          [6, metricPanel('Hosts with a report', unique('host.name', 'hosts'))],
          [6, metricPanel('Processes killed', measure('sum', 'oom.kills', 'kills'))],
          [6, metricPanel('Panics', count('panics', 'event.action: oom-panic'))],
          [6, metricPanel('Innocent victims', count('reports', 'oom.findings: innocent-victim'))],
          [9, metricPanel('32-bit highmem hosts with a report', unique('host.name', 'hosts', HIGHMEM))],
          [9, highmemHostsKnown()],
        ],
      },
      {
        height: 13,
        panels: [
          [24, trend('Reports by verdict', 'oom.verdict', 10)],
          [24, trend('Reports by holder', 'oom.holder', 10)],
        ],
      },
      {
        height: 13,
        panels: [
          [24, trend('Reports by kernel', 'host.os.kernel', 10)],
          [
            24,
            heatmapPanel({
              title: 'Verdict and holder',
              x: 'holder',
              y: 'verdict',
              value: 'reports',
              columns: {
                verdict: terms('oom.verdict', 'verdict', 15, 'reports'),
                holder: terms('oom.holder', 'held by', 13, 'reports'),
                reports: count('reports'),
              },
            }),
          ],
        ],
      },
      {
        height: 14,
        panels: [
          [
            48,
            heatmapPanel({
              title: 'Hosts over time',
              x: 'time',
              y: 'host',
              value: 'reports',
              columns: {
                host: terms('host.name', 'host', 25, 'reports'),
                time: overTime(),
                reports: count('reports'),
              },
            }),
          ],
        ],
      },
      {
        height: 14,
        panels: [
          [
            24,
            tablePanel({
              title: 'Hosts with most reports',
              columns: {
                host: terms('host.name', 'host', 50, 'reports'),
                reports: count('reports'),
                kills: measure('sum', 'oom.kills', 'killed'),
                kernel: newest('host.os.kernel', 'kernel'),
                verdict: newest('oom.verdict', 'newest verdict'),
                last: measure('max', '@timestamp', 'last'),
              },
            }),
          ],
          [
            24,
            tablePanel({
              title: 'Victims',
              where: 'process.name: *',
              columns: {
                victim: terms('process.name', 'victim', 50, 'reports'),
                reports: count('reports'),
                hosts: unique('host.name', 'hosts'),
                rss: measure('max', 'oom.victim.rss_bytes', 'most resident'),
                innocent: count('innocent', 'oom.findings: innocent-victim'),
                last: measure('max', '@timestamp', 'last'),
              },
            }),
          ],
        ],
      },
      {
        height: 14,
        panels: [
          [
            24,
            tablePanel({
              title: 'Cgroups at their limit',
              where: CGROUP,
              columns: {
                cgroup: terms('oom.memcg.path', 'cgroup', 50, 'reports'),
                reports: count('reports'),
                hosts: unique('host.name', 'hosts'),
                limit: measure('max', 'oom.memcg.limit_bytes', 'limit'),
                usage: measure('max', 'oom.memcg.usage_bytes', 'usage'),
                victim: newest('process.name', 'newest victim'),
              },
            }),
          ],
          [24, cgroupScatter()],
        ],
      },
      {
        height: 14,
        panels: [
          [
            24,
            tablePanel({
              title: '32-bit highmem hosts with reports',
              where: HIGHMEM,
              columns: {
                host: terms('host.name', 'host', 50, 'reports'),
                reports: count('reports'),
                exhausted: count('lowmem exhausted', 'oom.lowmem.exhausted: true'),
                lowmem: measure('max', 'oom.lowmem.total_bytes', 'low memory'),
                ratio: measure('min', 'oom.lowmem.free_to_min_ratio', 'least free by MIN'),
                highmem: measure('max', 'oom.highmem.total_bytes', 'HighMem'),
                kernel: newest('host.os.kernel', 'kernel'),
              },
            }),
          ],
          [24, lowmemScatter()],
        ],
      },
      {
        height: 12,
        panels: [
          [32, highmemHosts()],
          [16, kernelsOfHosts()],
        ],
      },
      {
        height: 12,
        panels: [
          [
            16,
            tablePanel({
              title: 'Order of the request, where memory was fragmented',
              where: 'oom.verdict: fragmented',
              columns: {
                order: terms('oom.trigger.order', 'order', 12, 'reports'),
                reports: count('reports'),
                hosts: unique('host.name', 'hosts'),
                purpose: newest('oom.trigger.purpose', 'newest purpose'),
              },
            }),
          ],
          [
            16,
            tablePanel({
              title: 'Sections that reports lack',
              where: 'oom.complete: false',
              columns: {
                section: terms('oom.missing', 'section', 10, 'reports'),
                reports: count('reports'),
                hosts: unique('host.name', 'hosts'),
              },
            }),
          ],
          [
            16,
            tablePanel({
              title: "Why lines count as the kernel's",
              columns: {
                trust: terms('oom.trust', 'trust', 4, 'reports'),
                time: terms('oom.time_source', 'time stated by', 3, 'reports'),
                reports: count('reports'),
                incomplete: count('incomplete', 'oom.complete: false'),
                ingested: measure('max', 'event.ingested', 'last written'),
              },
            }),
          ],
        ],
      },
      { height: 16, panels: [[48, searchPanel('Newest reports', SEARCH_IDS.reports)]] },
    ],
  });
