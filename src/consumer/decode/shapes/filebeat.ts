/**
 * Filebeat: file, syslog and journald inputs.
 *
 * `host.name` is the agent's host; `@timestamp` is when the line was read unless a processor parsed it. The journald
 * input calls the severity `log.syslog.priority` (not a PRI) and drops the monotonic stamps.
 */
import { fieldAt, isFields } from '../fields.ts';
import { severityOf } from '../priority.ts';
import type { Shape } from './shape.ts';

export const filebeat: Shape = {
  name: 'filebeat',
  example:
    '{"@timestamp":"2026-11-23T04:01:03.612Z","@metadata":{"beat":"filebeat"},"message":"Nov 23 04:01:02 web01 kernel: [12345.678901] Mem-Info:","host":{"name":"web01"},"agent":{"type":"filebeat"}}',
  recognises: (fields) =>
    fieldAt(fields, 'agent.type') === 'filebeat' ||
    fieldAt(fields, '@metadata.beat') === 'filebeat' ||
    isFields(fields['beat']),
  correct: (envelope, fields) => {
    if (envelope.transport === undefined || envelope.severity !== undefined) return envelope;
    const priority = fieldAt(fields, 'log.syslog.priority') ?? fieldAt(fields, 'syslog.priority');
    return { ...envelope, severity: severityOf(priority) };
  },
};
