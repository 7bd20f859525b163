/** How long a command goes on asking a server that does not cope. */
import { backoffMs } from '../clients/backoff.ts';
import type { ElasticsearchAnswer } from '../clients/elasticsearch.ts';

/** Attempts without any success: about three minutes. The command can be started again and goes on where it stood. */
export const MOST_ATTEMPTS = 13;

/** How long to wait after the attempt, which counts from 1. One command alone comes back: there is no crowd to spread. */
export const pauseMs = (attempt: number): number => backoffMs(attempt, 1);

/** True for a status that says that the server is short of something now. */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;

/** True when the same request may succeed later; no answer at all is no refusal. */
export const canPass = (answer: ElasticsearchAnswer): boolean =>
  answer.kind === 'failure' || answer.status === 200 || isPassing(answer.status);
