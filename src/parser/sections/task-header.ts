/** The task header: the one place that states the kernel release. */
import type { TaskHeader } from '../../domain.ts';
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

const OLD = /^Pid: (\d{1,9}), comm: /;
const NEW = /^CPU: (\d{1,5}) (?:UID: (\d{1,10}) )?PID: (\d{1,9}) Comm: /;

/**
 * > | Pid: 21832, comm: mailscand Tainted: G         C   3.2.59 #21
 *                       ^ comm         ^ taint columns ^ release
 * > | CPU: 2 UID: 104 PID: 3589817 Comm: postgres Not tainted 6.16.9+deb14-amd64 #1 PREEMPT(lazy)
 *            ^ since 6.10..6.12          ^ comm               ^ release
 */
export const taskHeader: Section = {
  name: 'task-header',
  phase: PHASES.trace,
  since: '2.6.24',
  until: '7.1',
  source: 'lib/dump_stack.c dump_stack_print_info; arch/x86/kernel/dumpstack.c before 3.10',
  examples: [
    'Pid: 21832, comm: mailscand Tainted: G         C   3.2.59 #21',
    'CPU: 9 PID: 14881 Comm: java Tainted: G    B          ------------ T 3.10.0-327.4.5.el7.x86_64 #1',
    'CPU: 0 PID: 5641 Comm: app Kdump: loaded Not tainted 5.4.17-2136.307.3.4.el8uek.x86_64 #2',
    'CPU: 2 UID: 104 PID: 3589817 Comm: postgres Not tainted 6.16.9+deb14-amd64 #1 PREEMPT(lazy)  Debian 6.16.9-1 ',
  ],
  read(text) {
    const trimmed = text.trimStart();
    const code = trimmed.charCodeAt(0);
    if (code !== 80 && code !== 67) return undefined;
    const header: Omit<TaskHeader, 'line'> = {};
    let rest: string;
    const old = OLD.exec(trimmed);
    if (old) {
      header.pid = Number(old[1]);
      rest = trimmed.slice(old[0].length);
    } else {
      const match = NEW.exec(trimmed);
      if (!match) return undefined;
      header.cpu = Number(match[1]);
      if (match[2] !== undefined) header.uid = Number(match[2]);
      header.pid = Number(match[3]);
      rest = trimmed.slice(match[0].length);
    }
    const complete = readTaint(rest, header);
    return {
      quality:
        4 + (header.release === undefined ? 0 : 4) + (header.build === undefined ? 0 : 1) - gluedWords(header) * 4,
      cut: !complete,
      store(draft, line) {
        const expected = draft.trigger?.name;
        if (!isSameTask(header, expected)) return 'refused';
        if (draft.taskHeader) {
          return draft.taskHeader.pid === header.pid && draft.taskHeader.comm === header.comm ? 'duplicate' : 'refused';
        }
        draft.taskHeader = { line, ...header };
        if (draft.trigger && header.pid !== undefined) draft.trigger.pid = header.pid;
        if (draft.trigger && header.cpu !== undefined) draft.trigger.cpu = header.cpu;
        return 'taken';
      },
    };
  },
};

const S390_CPU = /^CPU: (\d{1,5}) (?:Not tainted|Tainted: [A-Z ]{1,40}) (\d\S{0,63}) (#\d.{0,80})$/;
const S390_TASK = /^Process (.{1,64}) \(pid: (\d{1,9}), task: [0-9a-f]{8,16}, ksp: [0-9a-f]{8,16}\)/;

/**
 * The header of s390 before 3.10, in two lines.
 *
 * > | CPU: 3 Not tainted 2.6.28 #1
 *                        ^ release
 * > | Process genksyms (pid: 4711, task: 000000007baa1000, ksp: 0000000063860968)
 *             ^ comm
 */
export const s390Header: Section = {
  name: 'task-header',
  phase: PHASES.trace,
  since: '2.6.25',
  until: '3.9',
  source: 'arch/s390/kernel/traps.c dump_stack',
  examples: [
    'CPU: 3 Not tainted 2.6.28 #1',
    'Process genksyms (pid: 4711, task: 000000007baa1000, ksp: 0000000063860968)',
  ],
  read(text) {
    const trimmed = text.trim();
    const [, cpu, release, build] = S390_CPU.exec(trimmed) ?? [];
    const [, comm, pid] = S390_TASK.exec(trimmed) ?? [];
    if (cpu === undefined && pid === undefined) return undefined;
    return {
      quality: 6,
      store(draft, line) {
        // Traces of other tasks begin with the same lines: the trigger tells whose it is.
        if (!draft.trigger || draft.frames.length > 0 || draft.phase > PHASES.trace) return 'refused';
        if (comm !== undefined && comm !== draft.trigger.name) return 'refused';
        const header: TaskHeader = draft.taskHeader ?? { line };
        if (release !== undefined) {
          if (header.release !== undefined) return 'refused';
          header.cpu = Number(cpu);
          header.release = release;
          header.build = build ?? '';
          draft.trigger.cpu = Number(cpu);
        } else {
          if (header.pid !== undefined) return 'refused';
          header.pid = Number(pid);
          header.comm = comm ?? '';
          draft.trigger.pid = Number(pid);
        }
        draft.taskHeader = header;
        draft.otherArchitecture = true;
        return 'taken';
      },
    };
  },
};

/** Words that lost the blank between them: `mailscandKdump: loaded`, `6.12.3#1`. */
const gluedWords = ({ comm, release }: Omit<TaskHeader, 'line'>): number =>
  Number(comm?.includes('Kdump: ') ?? false) + Number(release?.includes('#') ?? false);

/** True when the header may be that of the allocating task; behind a cut header other text may stand. */
function isSameTask({ comm, release }: Omit<TaskHeader, 'line'>, expected: string | undefined): boolean {
  if (expected === undefined || comm === undefined || comm.trim() === expected.trim()) return true;
  return release === undefined && comm.startsWith(`${expected} `);
}

/** `mailscand Kdump: loaded Tainted: G         C   3.2.59 #21`; false when the line ends before the release. */
function readTaint(rest: string, header: Omit<TaskHeader, 'line'>): boolean {
  const clean = rest.indexOf(' Not tainted');
  const tainted = clean < 0 ? rest.indexOf(' Tainted: ') : -1;
  if (clean < 0 && tainted < 0) {
    header.comm = rest.trim().slice(0, 20);
    return false;
  }
  const mark = clean < 0 ? tainted : clean;
  header.comm = rest.slice(0, mark).replace(/ Kdump: loaded$/, '');
  const words = rest.slice(mark + (clean < 0 ? 10 : 12)).split(' ');
  const at = words.findIndex((word) => word.charCodeAt(0) >= 48 && word.charCodeAt(0) <= 57);
  header.taint = words
    .slice(0, at < 0 ? undefined : at)
    .join('')
    .replaceAll('-', '');
  if (at < 0) return false;
  header.release = words[at] ?? '';
  const build = words
    .slice(at + 1)
    .join(' ')
    .trim();
  if (build !== '') header.build = build;
  return true;
}

/** > | Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.5.1 06/16/2021 */
export const hardware: Section = {
  name: 'hardware',
  phase: PHASES.trace,
  since: '3.10',
  until: '7.1',
  source: 'lib/dump_stack.c dump_stack_print_info; kernel/workqueue.c print_worker_info',
  examples: [
    'Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.5.1 06/16/2021',
    'Workqueue: events moom_callback',
    'Tainted: [W]=WARN',
  ],
  read(text) {
    const trimmed = text.trimStart();
    const isHardware = trimmed.startsWith('Hardware name: ');
    const isWorkqueue = !isHardware && trimmed.startsWith('Workqueue: ');
    if (!isHardware && !isWorkqueue && !trimmed.startsWith('Tainted: [')) return undefined;
    return {
      quality: 2,
      store(draft) {
        const header = draft.taskHeader;
        // Without its header the line may be any task's.
        if (!header || draft.phase > PHASES.trace || draft.frames.length > 0) return 'refused';
        if (isHardware) {
          if (header.hardware !== undefined) return 'duplicate';
          header.hardware = trimmed.slice(15).trimEnd();
        } else if (isWorkqueue) {
          if (header.workqueue !== undefined) return 'duplicate';
          header.workqueue = trimmed.slice(11);
        }
        return 'taken';
      },
    };
  },
};
