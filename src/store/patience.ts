/** How long a command goes on asking a server that does not cope. */
import type { ElasticsearchAnswer } from '../clients/elasticsearch.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Attempts without any success: about three minutes. The command can be started again and goes on where it stood. */
export const MOST_ATTEMPTS = 12;

/** How long to wait after the attempt, which counts from 1. */
export const pauseMs = (attempt: number): number => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));

/** True for a status that says that the server is short of something now. */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** True when the same request may succeed later; no answer at all is no refusal. */
export const canPass = (answer: ElasticsearchAnswer): boolean =>
  answer.kind === 'failure' || answer.status === 200 || isPassing(answer.status);
