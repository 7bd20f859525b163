/** The drill-down: one report. Opened from an event.id it is filtered by it. */
import { measure, newest } from './columns.ts';
import { REPORT_DASHBOARD_ID } from './data-view.ts';
import { metricPanel } from './lens.ts';
import { buildDashboard, searchPanel } from './panel.ts';
import { SEARCH_IDS } from './searches.ts';
import { memoryOfReport, tasksOfReport, zonesOfReport } from './vega-panels.ts';

export const buildReportDashboard = () =>
  buildDashboard({
    id: REPORT_DASHBOARD_ID,
    title: '[oomscope] Report',
    description: 'One report: verdict, zones, memory, tasks, explanation and text. Filter by event.id.',
    timeFrom: 'now-2y',
    rows: [
      {
        height: 5,
        panels: [
          [8, metricPanel('Verdict', newest('oom.verdict', 'verdict'))],
          [8, metricPanel('Held by', newest('oom.holder', 'held by'))],
          [8, metricPanel('Confidence', newest('oom.confidence', 'confidence'))],
          [8, metricPanel('Victim', newest('process.name', 'victim'))],
          [8, metricPanel('Victim resident', newest('oom.victim.rss_bytes', 'resident'))],
          [8, metricPanel('Time', measure('max', '@timestamp', 'time'))],
        ],
      },
      {
        height: 14,
        panels: [
          [24, zonesOfReport()],
          [24, memoryOfReport()],
        ],
      },
      { height: 16, panels: [[48, tasksOfReport()]] },
      { height: 20, panels: [[48, searchPanel('Explanation and text', SEARCH_IDS.text)]] },
    ],
  });
