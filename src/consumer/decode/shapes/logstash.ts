/**
 * Logstash's syslog input.
 *
 * A line its pattern does not match keeps its whole text in `message` and is given facility user and priority 13, which
 * prove nothing; `<0>` (kern.emerg) never matches.
 */
import type { Shape } from './shape.ts';

export const logstash: Shape = {
  name: 'logstash',
  example:
    '{"@version":"1","@timestamp":"2026-11-23T04:01:02.000Z","logsource":"web01","host":"192.0.2.7","program":"kernel","priority":4,"facility":0,"severity":4,"timestamp":"Nov 23 04:01:02","message":"[12345.678901] Mem-Info:"}',
  recognises: (fields) => '@version' in fields,
  correct: (envelope, fields) => {
    const { tags } = fields;
    const guessed = Array.isArray(tags) && tags.includes('_grokparsefailure_sysloginput');
    return guessed ? { ...envelope, facility: undefined, severity: undefined } : envelope;
  },
};
