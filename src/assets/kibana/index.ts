/** All that Kibana is given, and the import files that hold it. */
import { buildDataView, buildHostDataView, buildTag } from './data-view.ts';
import { buildFleetDashboard } from './fleet.ts';
import { buildHostDashboard } from './host.ts';
import { type KibanaLine, ndjsonOf, type SavedObject } from './object.ts';
import { buildReportDashboard } from './report.ts';
import { buildSearches } from './searches.ts';

export { KIBANA_LINES, type KibanaLine, type SavedObject } from './object.ts';

/** Every object, what is referred to before what refers to it. */
export const buildKibanaObjects = (): readonly SavedObject[] => [
  buildTag(),
  buildDataView(),
  buildHostDataView(),
  ...buildSearches(),
  buildFleetDashboard(),
  buildHostDashboard(),
  buildReportDashboard(),
];

/** The file below elastic/ for a version of Kibana. */
export const kibanaFile = (line: KibanaLine): string => `kibana-${line}.ndjson`;

/** The text of that file. */
export const kibanaText = (line: KibanaLine): string => ndjsonOf(buildKibanaObjects(), line);
