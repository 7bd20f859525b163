/** Small changes to a simulated machine: what a near miss differs by. */
import type { MemInfo, Zone } from '../../../src/domain.ts';
import type { ReportState, Unprinted } from '../../../src/simulate/index.ts';

type ZoneState = ReportState['zones'][number];

export type Edit = (state: ReportState) => ReportState;

/** All of them, the first one first. */
export const all =
  (...edits: readonly Edit[]): Edit =>
  (state) =>
    edits.reduce((edited, edit) => edit(edited), state);

/** A free list that adds up to so many kB, in single pages. */
const singles = (freeKb: number, zone: ZoneState): Pick<Zone, 'buddyCounts' | 'buddyTotalKb'> => {
  const counts = (zone.buddyCounts ?? []).map(() => 0);
  counts[0] = freeKb / (zone.buddyUnitKb ?? 4);
  return { buddyCounts: counts, buddyTotalKb: freeKb };
};

/** Other numbers in a zone; where free changes, its free list and the global count go with it. */
export const zone =
  (name: string, change: (zone: ZoneState) => Partial<Unprinted<Zone>>, node?: number): Edit =>
  (state) => {
    let grownKb = 0;
    const zones = state.zones.map((old) => {
      if (old.name !== name || (node !== undefined && old.node !== node)) return old;
      const parts = change(old);
      grownKb += (parts.freeKb ?? old.freeKb ?? 0) - (old.freeKb ?? 0);
      const lists = parts.freeKb === undefined ? {} : singles(parts.freeKb, old);
      return { ...old, ...lists, ...parts };
    });
    const freePages = (state.memInfo.freePages ?? 0) + grownKb / state.kernel.pageSizeKb;
    return { ...state, zones, memInfo: { ...state.memInfo, freePages } };
  };

/** Pages of one global counter counted as another's instead, on the node lines too. */
export const move =
  (from: keyof MemInfo & string, to: keyof MemInfo & string, share: number): Edit =>
  (state) => {
    const info: Record<string, unknown> = { ...state.memInfo };
    const pages = Math.trunc(Number(info[from] ?? 0) * share);
    info[from] = Number(info[from] ?? 0) - pages;
    info[to] = Number(info[to] ?? 0) + pages;
    return { ...state, memInfo: info as ReportState['memInfo'] };
  };

export const memInfo =
  (change: (info: ReportState['memInfo']) => Partial<Unprinted<MemInfo>>): Edit =>
  (state) => ({ ...state, memInfo: { ...state.memInfo, ...change(state.memInfo) } });

export const trigger =
  (parts: Partial<ReportState['trigger']>): Edit =>
  (state) => ({ ...state, trigger: { ...state.trigger, ...parts } });

export const summary =
  (parts: Partial<ReportState['summary']>): Edit =>
  (state) => ({ ...state, summary: { ...state.summary, ...parts } });

/** No limit is named: neither block nor constraint nor reason. */
export const withoutLimit: Edit = ({ memcg: _memcg, ...state }) => {
  const { oomMemcg: _path, ...rest } = state.summary;
  const kills = state.kills.map((kill) => ({ ...kill, reason: 'Out of memory' }));
  return { ...state, kills, summary: { ...rest, constraint: 'CONSTRAINT_NONE', globalOom: true } };
};

/** The last task, the largest, changed; its kill line goes with it. */
export const largest =
  (factor: number): Edit =>
  (state) => {
    const tasks = state.tasks.map((task, index) => {
      if (index !== state.tasks.length - 1) return task;
      const scaled = (pages: number | undefined): number => Math.trunc((pages ?? 0) * factor);
      const rssAnonPages = scaled(task.rssAnonPages);
      return {
        ...task,
        rssAnonPages,
        rssPages: rssAnonPages + (task.rssFilePages ?? 0) + (task.rssShmemPages ?? 0),
        swapentsPages: scaled(task.swapentsPages),
      };
    });
    const victim = tasks.at(-1);
    const anonRssKb = (victim?.rssAnonPages ?? 0) * state.kernel.pageSizeKb;
    return { ...state, tasks, kills: state.kills.map((kill) => ({ ...kill, anonRssKb })) };
  };

/** A second process as large as the largest. */
export const twin: Edit = (state) => {
  const last = state.tasks.at(-1);
  if (!last) return state;
  const pid = last.pid - 1;
  return { ...state, tasks: [...state.tasks.slice(0, -1), { ...last, pid, tgid: pid }, last] };
};
