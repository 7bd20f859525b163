/**
 * journald's own JSON (`journalctl -o json`, Fluent Bit's systemd input).
 *
 * Numbers are strings and times are microseconds. Only `_SOURCE_MONOTONIC_TIMESTAMP` is the kernel's own stamp. A text
 * that is not clean UTF-8 is an array of byte numbers.
 */
import type { Shape } from './shape.ts';

export const journald: Shape = {
  name: 'journald',
  example:
    '{"MESSAGE":"Mem-Info:","PRIORITY":"4","SYSLOG_FACILITY":"0","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"kernel","_HOSTNAME":"web01","_SOURCE_MONOTONIC_TIMESTAMP":"12345678901","__REALTIME_TIMESTAMP":"1795410000123456"}',
  recognises: (fields) =>
    '__REALTIME_TIMESTAMP' in fields || '__CURSOR' in fields || ('_TRANSPORT' in fields && 'MESSAGE' in fields),
};
