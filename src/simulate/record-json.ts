/** The JSON envelopes of journald and of the common shippers, with their default fields. */
import type { Message } from './prefix.ts';

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const FACILITIES: Readonly<Record<number, string>> = { 0: 'kern', 1: 'user', 3: 'daemon', 4: 'auth', 9: 'cron' };

const facilityName = (code: number): string => FACILITIES[code] ?? `local${Math.max(0, code - 16)}`;

/** `journalctl -o json`: numbers are strings, times are microseconds, the kernel's own stamp has a field of its own. */
export function journalJson(message: Message): string {
  const kernel = message.facility === 0;
  const wallUs = message.atMs * 1000;
  return JSON.stringify({
    MESSAGE: message.text,
    PRIORITY: String(message.severity),
    SYSLOG_FACILITY: String(message.facility),
    SYSLOG_IDENTIFIER: message.program,
    ...(message.pid === undefined ? {} : { _PID: String(message.pid) }),
    _TRANSPORT: kernel ? 'kernel' : 'syslog',
    _HOSTNAME: message.host,
    _BOOT_ID: message.bootId ?? '5f0c1e9a7d0b4c3f8e6a2b1d9c4f7e30',
    _MACHINE_ID: message.machineId ?? '9b7d3c5e1f2a4b6c8d0e1f2a3b4c5d6e',
    ...(kernel ? { _SOURCE_MONOTONIC_TIMESTAMP: String(message.bootUs) } : {}),
    __MONOTONIC_TIMESTAMP: String(message.bootUs + 1211),
    __REALTIME_TIMESTAMP: String(wallUs),
  });
}

type JsonStyle = 'filebeat-json' | 'fluent-bit-json' | 'vector-json' | 'syslog-ng-json';

/** The record of one shipper for one line; for Filebeat the text is the whole line of the file it read. */
export function recordJson(message: Message, style: JsonStyle): string {
  const iso = new Date(message.atMs).toISOString();
  switch (style) {
    case 'filebeat-json':
      return JSON.stringify({
        // When Filebeat read the line, not when it was written.
        '@timestamp': new Date(message.atMs + 1610).toISOString(),
        '@metadata': { beat: 'filebeat', type: '_doc', version: '8.11.0' },
        message: message.text,
        log: { offset: (message.sequence ?? 0) * 120, file: { path: '/var/log/messages' } },
        input: { type: 'filestream' },
        ecs: { version: '8.0.0' },
        host: { name: message.host },
        agent: { name: message.host, type: 'filebeat', version: '8.11.0' },
      });
    case 'fluent-bit-json':
      return JSON.stringify({
        '@timestamp': message.atMs / 1000,
        pri: String(message.facility * 8 + message.severity),
        time: iso.slice(0, 19),
        host: message.host,
        ident: message.program,
        pid: message.pid === undefined ? '' : String(message.pid),
        message: message.text,
      });
    case 'vector-json':
      return JSON.stringify({
        appname: message.program,
        facility: facilityName(message.facility),
        host: message.host,
        hostname: message.host,
        message: message.text,
        ...(message.pid === undefined ? {} : { procid: message.pid }),
        severity: SEVERITIES[message.severity],
        source_ip: '192.0.2.10',
        source_type: 'syslog',
        timestamp: iso,
        version: 1,
      });
    case 'syslog-ng-json':
      return JSON.stringify({
        SOURCE: 's_net',
        PROGRAM: message.program,
        ...(message.pid === undefined ? {} : { PID: String(message.pid) }),
        PRIORITY: SEVERITIES[message.severity],
        MESSAGE: message.text,
        LEGACY_MSGHDR: `${message.program}: `,
        ISODATE: `${iso.slice(0, 19)}+00:00`,
        HOST_FROM: message.host,
        HOST: message.host,
        FACILITY: facilityName(message.facility),
      });
  }
}
