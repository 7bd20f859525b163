/** Where partitions begin for which the group has committed nothing. */
import type { TopicOffsets } from '../clients/kafka.ts';
import { OomscopeError } from '../tables/errors.ts';
import { isMatched, type TopicChoice } from './topic-choice.ts';

export type Start =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  /** At the first record stamped then or later; at the end where there is none. */
  | { readonly kind: 'time'; readonly atMs: number };

/** Reads `earliest`, `latest`, an ISO time with its zone, or milliseconds since 1970. Throws CONFIG_INVALID. */
export function readStart(text: string): Start {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  // Fewer digits are seconds by mistake: they would name a day of January 1970.
  const atMs = isIso ? Date.parse(text) : /^\d{12,14}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return { kind: 'time', atMs };
  throw new OomscopeError(
    'CONFIG_INVALID',
    `start: ${JSON.stringify(text)} is not allowed; expected earliest, latest, a time (2026-11-01T06:00:00Z) or ` +
      'milliseconds since 1970 (1793512800000).',
  );
}

export const hasCommit = ({ offset }: { readonly offset: string }): boolean => offset !== '-1';

/**
 * The topics that begin where the option says; other partitions without a commit begin at their beginning, so that nothing
 * is lost that was written between the making of a topic or partition and its discovery.
 *
 * The option holds for a topic that this worker found at its first look (`wasThere`) and of which no partition was ever
 * committed. A topic that only a pattern names must also have company that is as new: where the group has commits of another
 * topic of the pattern it was at work before, and would have committed this one, had it been there.
 */
export function topicsAtStart(
  commits: readonly TopicOffsets[],
  choice: TopicChoice,
  wasThere: (topic: string) => boolean,
): ReadonlySet<string> {
  const known = new Set(commits.filter(({ partitions }) => partitions.some(hasCommit)).map(({ topic }) => topic));
  const isPatternKnown = [...known].some((topic) => isMatched(choice, topic));
  const isLate = (topic: string): boolean => !choice.names.includes(topic) && isPatternKnown;
  const fresh = commits.filter(({ topic }) => !known.has(topic) && wasThere(topic) && !isLate(topic));
  return new Set(fresh.map(({ topic }) => topic));
}
