/** The choice, the kill and what follows it. */
import type { Kill, Selection } from '../../domain.ts';
import { addIssue, type Draft, PHASES } from '../draft.ts';
import { scanFields } from '../scan.ts';
import type { Section } from '../section.ts';

/** What the kernel gives as the reason; other words in front of the verb are a prefix or the rest of a wrapped line. */
const isReason = (text: string | undefined): boolean =>
  text !== undefined && /^(?:Memory cgroup out of memory|Out of [Mm]emory|No available memory)/.test(text);

const SELECTION =
  /^(?:(.{1,80}?): )?[Kk]ill process (\d{1,9}) \((.{0,64})\)(?: score (-?\d{1,15})(?:(?: or sacrifice child| or a child| and children\.?)(?:[A-Z].{0,40})?)?)?(\s*)$/;

/** > | Out of memory: Kill process 21832 (mailscand) score 4 or sacrifice child */
export const selection: Section = {
  name: 'selection',
  phase: PHASES.kill,
  since: '2.6.18',
  until: '5.1',
  source: 'mm/oom_kill.c oom_kill_process',
  examples: [
    'Out of Memory: Kill process 2345 (httpd) score 12345 and children.',
    'Out of memory: kill process 2345 (httpd) score 12345 or a child',
    'Out of memory: Kill process 21832 (mailscand) score 4 or sacrifice child',
    'Memory cgroup out of memory: Kill process 1012 (heapster) score 1035 or sacrifice child',
  ],
  read(text) {
    if (!text.includes('ill process ')) return undefined;
    const match = SELECTION.exec(text.trim());
    if (!match) return undefined;
    const [, reason, pid, comm, score] = match;
    return {
      quality: 6 + (score === undefined ? 0 : 2) + (isReason(reason) ? 1 : 0),
      store(draft, line) {
        const last = draft.selections.at(-1);
        if (last?.pid === Number(pid) && draft.kills.length === 0) return 'duplicate';
        const read: Selection = { line, pid: Number(pid), comm: comm ?? '' };
        if (score !== undefined) read.score = Number(score);
        if (reason !== undefined) read.reason = reason;
        draft.selections.push(read);
        return 'taken';
      },
    };
  },
};

const MARK = 'Killed process ';
const VICTIM = /^(\d{1,9})(?:, UID (\d{1,10}),)? \(/;
/** The line was cut behind the pid; without the kernel's reason in front of it that would be anyone's words. */
const CUT_VICTIM = /^(\d{1,9})(?: ?\.{3,8})?$/;
const KEYS: Readonly<
  Record<string, 'totalVmKb' | 'anonRssKb' | 'fileRssKb' | 'shmemRssKb' | 'pgtablesKb' | 'uid' | 'oomScoreAdj'>
> = {
  'total-vm': 'totalVmKb',
  vsz: 'totalVmKb',
  'anon-rss': 'anonRssKb',
  'file-rss': 'fileRssKb',
  'shmem-rss': 'shmemRssKb',
  pgtables: 'pgtablesKb',
  UID: 'uid',
  oom_score_adj: 'oomScoreAdj',
};
const isKey = (key: string): boolean => Object.hasOwn(KEYS, key);

/**
 * > | Out of memory: Killed process 517 (mailscand) total-vm:2361456kB, anon-rss:1689296kB, file-rss:0kB, shmem-rss:0kB, UID:111 pgtables:4292kB oom_score_adj:0
 *     ^ reason: same line in 2.4 to 2.6.18 and since 5.2   ^ sizes since 2.6.33
 */
export const kill: Section = {
  name: 'kill',
  phase: PHASES.kill,
  since: '2.4.0',
  until: '7.1',
  source: 'mm/oom_kill.c __oom_kill_process, oom_kill_task',
  examples: [
    'Out of Memory: Killed process 2345 (httpd).',
    'Out of memory: Killed process 2345, UID 48, (httpd).',
    'Killed process 2345 (httpd)',
    'Killed process 2345 (httpd) vsz:340000kB, anon-rss:120000kB, file-rss:300kB',
    'Killed process 2345, UID 48, (httpd) total-vm:340000kB, anon-rss:120000kB, file-rss:300kB',
    'Killed process 42424 (memcg_test_1), UID 0, total-vm:7296kB, anon-rss:96kB, file-rss:0kB, shmem-rss:0kB',
    'Memory cgroup out of memory: Killed process 10233 (mem_stress) total-vm:1225792kB, anon-rss:50432kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:180kB oom_score_adj:0',
    'Out of memory in UB 101: OOM killed process 2345 (httpd) score 0 vm:340000kB, rss:120000kB, swap:300kB',
    'VM: killing process httpd',
  ],
  read(text) {
    const mark = text.indexOf(MARK);
    if (mark < 0) return readOpenvz(text) ?? readOldest(text);
    const before = text.slice(0, mark).trim();
    if (before !== '' && !before.endsWith(':')) return undefined;
    const tail = text.slice(mark + MARK.length).trimEnd();
    const head = VICTIM.exec(tail) ?? (isReason(before) ? CUT_VICTIM.exec(tail) : null);
    if (!head) return undefined;
    const rest = tail.slice(head[0].length);
    // comm may hold parentheses itself; the last one before the sizes ends it.
    const sizes = rest.search(/\)(?:\.|, UID \d{1,10},)?,? {0,2}(?:total-vm|vsz)\b/);
    const close = sizes >= 0 ? sizes : Math.max(rest.indexOf(') total-'), rest.lastIndexOf(')'));
    const comm = close < 0 ? rest : rest.slice(0, close);
    let fieldsText = close < 0 ? '' : rest.slice(close + 1);
    const uid = head[2] ?? /^, UID (\d{1,10})/.exec(fieldsText)?.[1];
    fieldsText = fieldsText.replace(/^[.,]?(?: UID \d{1,10},)?/, '');
    const scan = scanFields(fieldsText, 0, isKey, false);
    const known = scan.fields.filter(({ key }) => isKey(key)).length;
    const values: Omit<Kill, 'line'> = { pid: Number(head[1]), comm };
    if (before.length > 1) values.reason = reasonOf(before);
    if (uid !== undefined) values.uid = Number(uid);
    let cutNumber = false;
    for (const { key, value, kb } of scan.fields) {
      const field = isKey(key) ? KEYS[key] : undefined;
      // file-rss:27 of file-rss:270kB
      if (field?.endsWith('Kb') && !kb) cutNumber = true;
      else if (field !== undefined) values[field] = value;
    }
    return {
      quality:
        4 + (isReason(values.reason) ? 1 : 0) + known * 2 - (scan.unread + (cutNumber ? 1 : 0)) * 2 - scan.repaired,
      cut: close < 0 || scan.cut || cutNumber || (values.totalVmKb !== undefined && values.fileRssKb === undefined),
      store(draft, line) {
        draft.kills.push({ line, ...values, comm: comm || nameOf(draft, values.pid) });
        return 'taken';
      },
    };
  },
};

/** The name of a process as other lines of the report have it; empty when none has. */
const nameOf = ({ summary, selections, tasks }: Draft, pid: number | undefined): string =>
  (summary?.pid === pid ? summary?.task : undefined) ??
  selections.find((each) => each.pid === pid)?.comm ??
  tasks.find((each) => each.pid === pid)?.comm ??
  '';

/** `Memory cgroup out of memory`, without what an unknown prefix left in front of it. */
function reasonOf(before: string): string {
  const known = /(?:Memory cgroup out of memory|Out of [Mm]emory|No available memory)[^:]{0,60}(?=:$)/.exec(
    before,
  )?.[0];
  return known ?? before.slice(0, -1).slice(-80);
}

const OPENVZ =
  /^(.{0,80}Out of memory(?: in UB -?\d{1,10})?): OOM killed process (\d{1,9}) \((.{0,64})\) score -?\d{1,15} vm:(\d{1,15})(kB)?/;

/**
 * OpenVZ 2.6.32 counts memory by beancounter (UB), one for each container, and its line names the resident pages of all
 * kinds together.
 */
function readOpenvz(text: string): ReturnType<Section['read']> {
  const [, before, pid, comm, totalVmKb, unit] = OPENVZ.exec(text) ?? [];
  if (before === undefined || comm === undefined) return undefined;
  const whole = /, swap:\d{1,15}kB\s{0,8}$/.test(text);
  return {
    quality: 4 + (unit === undefined ? 0 : 2) + (whole ? 4 : 0),
    cut: !whole,
    store(draft, line) {
      const reason = before.slice(before.lastIndexOf('Out of memory'));
      const sizes = unit === undefined ? {} : { totalVmKb: Number(totalVmKb) };
      draft.kills.push({ line, pid: Number(pid), comm, reason, ...sizes });
      return 'taken';
    },
  };
}

/** 2.4 names the process and not its pid: `VM: killing process httpd`. */
function readOldest(text: string): ReturnType<Section['read']> {
  const mark = text.indexOf('VM: killing process ');
  if (mark < 0) return undefined;
  const comm = text.slice(mark + 20).trim();
  if (comm === '') return undefined;
  return {
    quality: 4,
    store(draft, line) {
      draft.kills.push({ line, comm, reason: 'VM' });
      return 'taken';
    },
  };
}

const REAPED = /oom_reaper: reaped process (\d{1,9}) \((.{0,64})\)/;
const UNREAPED = /oom_reaper: (?:unable to reap|giving up) pid:(\d{1,9})(?: \((.{0,64})\))?/;

/** > | oom_reaper: reaped process 10233 (mem_stress), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB */
export const reaper: Section = {
  name: 'reaper',
  phase: PHASES.tail,
  since: '4.6',
  until: '7.1',
  source: 'mm/oom_kill.c oom_reap_task',
  examples: [
    'oom_reaper: reaped process 10233 (mem_stress), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    'oom_reaper: unable to reap pid:10233 (mem_stress)',
  ],
  read(text) {
    if (!text.includes('oom_reaper: ')) return undefined;
    const done = REAPED.exec(text);
    const match = done ?? UNREAPED.exec(text);
    if (!match) return undefined;
    const pid = Number(match[1]);
    const scan = scanFields(text.slice(match.index + match[0].length).replace(/^, now /, ''), 0, isKey, true);
    const sizeOf = (key: string) => scan.fields.find((field) => field.key === key)?.value;
    return {
      quality: 4 + scan.fields.length * 2 - scan.unread * 2,
      store(draft, line) {
        if (!draft.kills.some((victim) => victim.pid === pid) && draft.summary?.pid !== pid) return 'refused';
        if (draft.reaped.some((other) => other.pid === pid && other.done === Boolean(done))) return 'duplicate';
        const anonRssKb = sizeOf('anon-rss');
        const fileRssKb = sizeOf('file-rss');
        const shmemRssKb = sizeOf('shmem-rss');
        draft.reaped.push({
          line,
          pid,
          ...(match[2] === undefined ? {} : { comm: match[2] }),
          ...(anonRssKb === undefined ? {} : { anonRssKb }),
          ...(fileRssKb === undefined ? {} : { fileRssKb }),
          ...(shmemRssKb === undefined ? {} : { shmemRssKb }),
          done: Boolean(done),
        });
        return 'taken';
      },
    };
  },
};

const PANIC =
  /Kernel panic - not syncing: (?:Out of memory|out of memory|System is deadlocked on memory)|^(?:Out of memory and no killable processes|System is deadlocked on memory)/;

/**
 * > | Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled
 * > | Out of memory and no killable processes...
 *     ^ a panic up to 4.16, since 4.19 a warning before `System is deadlocked on memory`
 */
export const terminal: Section = {
  name: 'terminal',
  phase: PHASES.kill,
  since: '2.4.0',
  until: '7.1',
  source: 'mm/oom_kill.c out_of_memory, check_panic_on_oom',
  examples: [
    'Kernel panic - not syncing: Out of memory and no killable processes...',
    'Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled',
    'Kernel panic - not syncing: System is deadlocked on memory',
    'Out of memory and no killable processes...',
  ],
  read(text) {
    if (!text.includes('emory')) return undefined;
    const trimmed = text.trim();
    if (!PANIC.test(trimmed)) return undefined;
    const isPanic = trimmed.includes('Kernel panic');
    const isWhole = /panic_on_oom is \w|no killable processes|deadlocked on memory/.test(trimmed);
    return {
      quality: isWhole ? 6 : 4,
      cut: !isWhole,
      store(draft, line) {
        if (!isPanic) {
          draft.notes.push({ line, text: trimmed });
          return 'taken';
        }
        if (draft.panic) return 'duplicate';
        draft.panic = { line, text: trimmed };
        return 'taken';
      },
    };
  },
};

const NOTE =
  /^(?:Kill process \d{1,9} \(.{0,64}\) sharing same memory|oom killer \d{1,9} \(.{0,64}\) has mm pinned by|.{0,60}OOM victim \d{1,9} \(.{0,64}\) is already exiting|Would have (?:killed process|oom-kill)|tried to kill |Tasks in \S{1,4096} are going to be killed due to memory\.oom\.group set|Avoiding OOM kill due to |OOM request ignored)/;

/**
 * > | Tasks in /a are going to be killed due to memory.oom.group set
 * > | Kill process 2346 (httpd) sharing same memory
 */
export const remark: Section = {
  name: 'remark',
  phase: PHASES.tail,
  since: '2.4.21-EL',
  until: '7.1',
  source: 'mm/oom_kill.c, mm/memcontrol.c mem_cgroup_print_oom_group',
  examples: [
    'Kill process 2346 (httpd) sharing same memory',
    'Tasks in /a are going to be killed due to memory.oom.group set',
    'oom killer 2346 (httpd) has mm pinned by 2347 (httpd)',
    'Out of memory: OOM victim 10233 (mem_stress) is already exiting. Skip killing the task',
  ],
  read(text) {
    const trimmed = text.trim();
    const whole = NOTE.test(trimmed);
    const cut = !whole && CUT_GROUP.test(trimmed) && GROUP_WORDS.startsWith(trimmed.replace(/^Tasks in \S+ ?/, ''));
    if (!whole && !cut) return undefined;
    const isGroup = trimmed.startsWith('Tasks in ');
    return {
      quality: cut ? 1 : 3,
      ...(cut ? { cut } : {}),
      store(draft, line) {
        if (cut && draft.kills.length === 0) return 'refused';
        if (draft.notes.length > 256) {
          addIssue(draft, 'limit-lines', line);
          return 'taken';
        }
        draft.notes.push({ line, text: trimmed });
        if (isGroup && draft.memcg) draft.memcg.groupKill = true;
        return 'taken';
      },
    };
  },
};

const CUT_GROUP = /^Tasks in \/\S{0,4096}(?: .{0,60})?$/;
const GROUP_WORDS = 'are going to be killed due to memory.oom.group set';
