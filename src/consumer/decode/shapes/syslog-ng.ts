/** syslog-ng's $(format-json): upper-case names, severity by name in PRIORITY. */
import type { Shape } from './shape.ts';

export const syslogNg: Shape = {
  name: 'syslog-ng',
  example:
    '{"SOURCE":"s_src","PROGRAM":"kernel","PRIORITY":"warning","MESSAGE":"[12345.678901] Mem-Info:","ISODATE":"2026-11-23T04:01:02+00:00","HOST_FROM":"web01","HOST":"web01","FACILITY":"kern"}',
  recognises: (fields) => 'HOST_FROM' in fields || 'LEGACY_MSGHDR' in fields || 'ISODATE' in fields,
};
