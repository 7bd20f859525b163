/** The shippers that are recognised, the most telling marks first. */
import { filebeat } from './filebeat.ts';
import { fluentBit } from './fluent-bit.ts';
import { journald } from './journald.ts';
import { logstash } from './logstash.ts';
import type { Shape } from './shape.ts';
import { syslogNg } from './syslog-ng.ts';
import { vector } from './vector.ts';

export type { Shape } from './shape.ts';

export const SHAPES: readonly Shape[] = [filebeat, vector, logstash, syslogNg, journald, fluentBit];
