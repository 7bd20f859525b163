/** Line 1 of an OOM report. */
import type { Trigger } from '../../domain.ts';
import { CUT_TRIGGER } from '../../kernel/openers.ts';
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';

const MARK = 'oom-killer: gfp_mask=';
const INVOKED = ' invoked ';

/** TASK_COMM_LEN less its terminating zero. */
const MAX_COMM = 15;

/**
 * > | mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0
 *     ^ comm, any bytes         ^ hex            ^               ^ -1000 to 1000, of the allocating task
 */
export const trigger: Section = {
  name: 'trigger',
  phase: PHASES.head,
  since: '2.6.9',
  until: '7.1',
  source: 'mm/oom_kill.c out_of_memory, dump_header',
  examples: [
    'oom-killer: gfp_mask=0xd0',
    'oom-killer: gfp_mask=0x201d2, order=0',
    'httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0',
    'java invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=-17',
    'mailscand invoked oom-killer: gfp_mask=0x84d0, order=0, oom_adj=0, oom_score_adj=0',
    'mysqld invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0',
    'php-fpm invoked oom-killer: gfp_mask=0x24201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), order=0, oom_score_adj=0',
    'node invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null),  order=0, oom_score_adj=0',
    'kworker/0:1 invoked oom-killer: gfp_mask=0x6000c0(GFP_KERNEL), nodemask=(null), order=-1, oom_score_adj=0',
    'runc:[1:CHILD] invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-999',
  ],
  read(text) {
    const mark = text.indexOf(MARK);
    if (mark < 0) return readCut(text);
    // The line of the source, in a patch: `pr_warn("%s invoked oom-killer: gfp_mask=%#x(%pGg), ...`.
    if (/^(?:0x)?%/.test(text.slice(mark + MARK.length, mark + MARK.length + 3))) return undefined;
    const named = text.endsWith(INVOKED, mark);
    if (!named && text.slice(0, mark).trim() !== '') return undefined;
    const name = named ? commBefore(text.slice(0, mark - INVOKED.length)) : undefined;
    const request = readRequest(text.slice(mark + MARK.length));
    const complete = named
      ? request.order !== undefined && (request.oomAdj !== undefined || request.oomScoreAdj !== undefined)
      : true;
    return {
      quality: (named ? 2 : 1) + request.fields * 2 - request.unread * 2,
      cut: !complete || request.gfpMask === undefined || request.unread > 0,
      store(draft, line) {
        const read: Trigger = { line, ...(name === undefined ? {} : { name }) };
        const { fields, unread, ...values } = request;
        draft.trigger = Object.assign(read, values);
        // nodemask=0-1,  order=0: two blanks are 4.11 to 4.14, which print a list for a memory policy only.
        draft.policyNodemask = /nodemask=[\d,-]{1,256}, {2}order=/.test(text);
        return 'taken';
      },
    };
  },
};

const CUT = /^\s{0,16}(\S.{0,14}) invoked oom-killer:?(?: ?(?:\.{2,8}|\u2026|\[\.{3}\]))?\s{0,16}$/;

/** All but the name was cut off: `java invoked oom-killer: ...`. So people write, too; a line of the kernel has a time. */
function readCut(text: string): ReturnType<Section['read']> {
  if (!text.includes(CUT_TRIGGER)) return undefined;
  const name = CUT.exec(text)?.[1];
  if (name === undefined) return undefined;
  return {
    quality: 1,
    cut: true,
    needsTime: true,
    store(draft, line) {
      draft.trigger = { line, name };
      return 'taken';
    },
  };
}

/** The comm in front of ` invoked`: at most 15 bytes, so what is left of a longer text belongs to an unknown prefix. */
function commBefore(before: string): string {
  // A task may call itself anything, blanks included.
  if (before.length <= MAX_COMM) return before.trimStart() || before;
  const from = before.length - MAX_COMM;
  for (const separator of ['] ', ': ', ' ']) {
    const at = before.indexOf(separator, from - separator.length);
    if (at >= 0 && at + separator.length < before.length) return before.slice(at + separator.length).trimStart();
  }
  return before.trim();
}

export interface Request {
  gfpMask?: string;
  gfpText?: string;
  order?: number;
  oomAdj?: number;
  oomScoreAdj?: number;
  nodemask?: string;
  fields: number;
  unread: number;
}

const KEYS = ['order', 'oomkilladj', 'oom_adj', 'oom_score_adj'] as const;

/** `0x84d0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=0`: what stands after `gfp_mask=` or `mode:`. */
export function readRequest(tail: string): Request {
  const request: Request = { fields: 0, unread: 0 };
  let rest = tail.trimStart();
  const mask = /^(0[xX][0-9a-fA-F]{1,16}|0)(?=[(,.\s)]|$)/.exec(rest)?.[1];
  if (mask !== undefined) {
    request.gfpMask = mask === '0' ? '0x0' : mask.toLowerCase();
    request.fields += 1;
    rest = rest.slice(mask.length);
    if (rest.startsWith('(')) {
      const close = rest.indexOf(')');
      request.gfpText = rest.slice(1, close < 0 ? undefined : close);
      if (close < 0) request.unread += 1;
      rest = close < 0 ? '' : rest.slice(close + 1);
    }
  } else request.unread += 1;
  for (const piece of splitPieces(rest)) {
    const equals = piece.indexOf('=');
    const key = piece.slice(0, equals).trim();
    const value = piece.slice(equals + 1).trim();
    if (key === 'nodemask') {
      request.nodemask = value;
      request.fields += 1;
      continue;
    }
    const known = KEYS.find((name) => name === key);
    // `oom_score_adj=0 ...`: whoever quotes a report may leave out the rest. `order=0  (one page)`: or say what it means.
    const number = Number(/^-?\d{1,9}(?=$| ?\.{2}| \[| {1,16}(?:\(|<|#|\/\/))/.exec(value)?.[0] ?? Number.NaN);
    if (known === undefined || Number.isNaN(number)) {
      request.unread += 1;
      continue;
    }
    request.fields += 1;
    if (known === 'order') request.order = number;
    else if (known === 'oom_score_adj') request.oomScoreAdj = number;
    else request.oomAdj = number;
  }
  return request;
}

/** The pieces between commas; the commas of a node list (`nodemask=0,2-3`) separate nothing. */
function splitPieces(rest: string): string[] {
  const pieces: string[] = [];
  for (const part of rest.split(',')) {
    const piece = part.trim();
    if (piece === '') continue;
    const previous = pieces.at(-1);
    if (previous?.startsWith('nodemask=') && /^\d+(-\d+)?$/.test(piece))
      pieces[pieces.length - 1] = `${previous},${piece}`;
    else pieces.push(piece);
    if (pieces.length > 32) break;
  }
  return pieces;
}
