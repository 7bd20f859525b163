/** Vector's syslog and journald sources: names for facility and severity, `hostname` beside the peer's `host`. */
import type { Shape } from './shape.ts';

export const vector: Shape = {
  name: 'vector',
  example:
    '{"appname":"kernel","facility":"kern","host":"web01","hostname":"web01","message":"[12345.678901] Mem-Info:","severity":"warning","source_type":"syslog","timestamp":"2026-11-23T04:01:02Z","version":1}',
  recognises: (fields) => 'source_type' in fields,
};
