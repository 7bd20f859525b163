/**
 * Fluent Bit's syslog and kmsg inputs.
 *
 * `pri` is the whole PRI as a string. kmsg's `priority` is the severity; it states neither host nor facility, and
 * what processes write to /dev/kmsg looks the same there.
 */
import { severityOf } from '../priority.ts';
import type { Shape } from './shape.ts';

export const fluentBit: Shape = {
  name: 'fluent-bit',
  example:
    '{"@timestamp":1795410000.123,"pri":"4","time":"Nov 23 04:01:02","host":"web01","ident":"kernel","pid":"","message":"[12345.678901] Mem-Info:"}',
  recognises: (fields) => 'ident' in fields || ('sec' in fields && 'usec' in fields),
  correct: (envelope, fields) =>
    'usec' in fields ? { ...envelope, severity: severityOf(fields['priority']) } : envelope,
};
