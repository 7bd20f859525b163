/** `sysctl vm`, sysctl.conf, and files of /proc/sys/vm with their names. */
import type { HostNumbers, VmSettings } from '../../domain.ts';
import type { ContextLine } from './lines.ts';

type SingleSetting = Exclude<keyof VmSettings, 'lowmemReserveRatio'>;

const SETTINGS: Readonly<Record<string, SingleSetting>> = {
  min_free_kbytes: 'minFreeKbytes',
  extra_free_kbytes: 'extraFreeKbytes',
  watermark_scale_factor: 'watermarkScaleFactor',
  swappiness: 'swappiness',
  overcommit_memory: 'overcommitMemory',
  panic_on_oom: 'panicOnOom',
  oom_kill_allocating_task: 'oomKillAllocatingTask',
  oom_dump_tasks: 'oomDumpTasks',
  zone_reclaim_mode: 'zoneReclaimMode',
  extfrag_threshold: 'extfragThreshold',
  vfs_cache_pressure: 'vfsCachePressure',
};

/** `vm.swappiness = 60`, `vm.swappiness=60`, `/proc/sys/vm/swappiness:60` of grep */
const ASSIGNMENT = /^(?:vm\.|\/proc\/sys\/vm\/)([a-z_]{1,64})\s{0,8}[=:]\s{0,8}([\d\s-]{1,256})$/;
/** `# cat /proc/sys/vm/swappiness`, `==> /proc/sys/vm/swappiness <==`: the value stands on the next line. */
const NAMED_FILE = /\/proc\/sys\/vm\/([a-z_]{1,64})(?: <==)?$/;

/** The settings of the text; of one that stands twice the first counts. */
export function readSysctl(lines: readonly ContextLine[]): VmSettings {
  const settings: VmSettings = {};
  const keep = (name: string, text: string, { path, line }: ContextLine): void => {
    const values = numbersOf(text);
    const [value] = values;
    if (value === undefined) return;
    const field = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (name === 'lowmem_reserve_ratio') settings.lowmemReserveRatio ??= { values, path, line } satisfies HostNumbers;
    else if (field && values.length === 1) settings[field] ??= { value, path, line };
  };
  for (const [index, line] of lines.entries()) {
    const [, name, value] = ASSIGNMENT.exec(line.text) ?? [];
    if (name !== undefined && value !== undefined) {
      keep(name, value, line);
      continue;
    }
    const file = NAMED_FILE.exec(line.text)?.[1];
    const next = lines[index + 1];
    if (file !== undefined && next) keep(file, next.text, next);
  }
  return settings;
}

/** Numbers set apart by blanks; none when anything else stands between. */
function numbersOf(text: string): number[] {
  const words = text.trim().split(/\s+/);
  return words.every((word) => /^-?\d{1,15}$/.test(word)) ? words.map(Number) : [];
}
