/** The sibling of an OOM report: a request that failed without a kill. */
import type { Trigger } from '../../domain.ts';
import { PHASES } from '../draft.ts';
import type { Section } from '../section.ts';
import { readRequest } from './trigger.ts';

const MARK = 'page allocation failure';
const OLD_MARK = '-order allocation failed';

/**
 * > | kworker/u2:1: page allocation failure: order:5, mode:0x2084020
 *     ^ comm                              ^ a period up to 2.6.39
 */
export const allocationFailure: Section = {
  name: 'allocation-failure',
  phase: PHASES.head,
  since: '2.4.0',
  until: '7.1',
  source: 'mm/page_alloc.c warn_alloc, warn_alloc_failed, __alloc_pages',
  examples: [
    'swapper: page allocation failure. order:1, mode:0x20',
    'kworker/u2:1: page allocation failure: order:5, mode:0x2084020',
    'kswapd0: page allocation failure: order:0, mode:0x1080020(GFP_ATOMIC), nodemask=(null)',
    '__alloc_pages: 0-order allocation failed (gfp=0x20/0)',
  ],
  read(text) {
    const mark = text.indexOf(MARK);
    if (mark >= 0) return readFailure(text, mark);
    const old = text.indexOf(OLD_MARK);
    return old >= 0 ? readOld(text, old) : undefined;
  },
};

function readFailure(text: string, mark: number): ReturnType<Section['read']> {
  const before = text.slice(0, mark).trimEnd();
  const name = before.endsWith(':') ? before.slice(0, -1).trimStart() : undefined;
  const tail = text.slice(mark + MARK.length);
  const order = /^[.:]\s?order:\s?(\d{1,3})/.exec(tail)?.[1];
  const mode = tail.indexOf('mode:');
  const request = mode < 0 ? undefined : readRequest(tail.slice(mode + 5));
  return {
    quality: (name === undefined ? 0 : 2) + (order === undefined ? 0 : 2) + (request?.gfpMask === undefined ? 0 : 2),
    cut: order === undefined || request?.gfpMask === undefined,
    store(draft, line) {
      const read: Trigger = { line };
      if (name !== undefined) read.name = name;
      if (order !== undefined) read.order = Number(order);
      if (request?.gfpMask !== undefined) read.gfpMask = request.gfpMask;
      if (request?.gfpText !== undefined) read.gfpText = request.gfpText;
      if (request?.nodemask !== undefined) read.nodemask = request.nodemask;
      draft.trigger = read;
      return 'taken';
    },
  };
}

/** `__alloc_pages: 0-order allocation failed (gfp=0x20/0)`; 2.4.0 prints no mask. */
function readOld(text: string, mark: number): ReturnType<Section['read']> {
  const order = /(\d{1,3})$/.exec(text.slice(Math.max(0, mark - 4), mark))?.[1];
  if (order === undefined) return undefined;
  const mask = /^[^(]{0,4}\(gfp=(0x[0-9a-f]+)/.exec(text.slice(mark + OLD_MARK.length))?.[1];
  return {
    quality: 4,
    store(draft, line) {
      if (draft.trigger) return 'duplicate';
      draft.trigger = { line, order: Number(order), ...(mask === undefined ? {} : { gfpMask: mask }) };
      return 'taken';
    },
  };
}
