/** Structured log: one JSON object per line, by pino. */
import { pino } from 'pino';
import type { Logger, LogLevel } from '../ports.ts';
import { LOG_EVENTS } from '../tables/log-events.ts';
import { escapeJson } from '../view/escape.ts';

/**
 * A logger that writes the events of tables/log-events.ts at their level to stderr, so that stdout stays free for
 * documents. Errors in `fields.error` are written with message, code and cause.
 */
export function createLogger(level: LogLevel): Logger {
  const stderr = pino.destination({ fd: 2, sync: true });
  const log = pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'event',
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    // Somebody reads the log on a terminal, and it names processes and hosts.
    { write: (line) => stderr.write(escapeJson(line)) },
  );
  return {
    event(name, fields) {
      log[LOG_EVENTS[name].level](fields ?? {}, name);
    },
  };
}

/** A logger that drops everything: the embedded run talks to a person instead. */
export const silentLogger: Logger = { event() {} };
