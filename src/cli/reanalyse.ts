/** `oomscope reanalyse`: reports that an older analyzer wrote, analysed anew and rewritten in place. */
import { checkTemplates } from '../assets/index.ts';
import type { ElasticsearchClient } from '../clients/index.ts';
import { readReport, toDocument } from '../document/index.ts';
import { ANALYZER_REVISION, analyse } from '../enrich/index.ts';
import { systemClock } from '../ops/index.ts';
import type { Clock } from '../ports.ts';
import { countOlder, type Rewrite, rewriteReports, type StoredDocument, scanOlder } from '../store/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { escapeTerminal } from '../view/index.ts';
import { elasticsearchClientOf } from './setup.ts';

/** What a run came to. */
interface Tally {
  read: number;
  rewritten: number;
  overtaken: number;
  gone: number;
  /** Documents that cannot be read or that the index refused, by the reason; of the first of them `index/id`. */
  readonly left: Map<string, { count: number; readonly places: string[] }>;
  /** `old -> new` of verdicts that are not what they were. */
  readonly verdicts: Map<string, number>;
}

const PROGRESS_MS = 2_000;

/** Reasons that are told apart: a server may word every refusal differently. */
const MOST_REASONS = 20;

/** Documents of a reason that are named. */
const MOST_NAMED = 5;

/**
 * Rewrites them and says what changed; exit code 0. A run that was ended goes on where it stood: only reports of older
 * revisions are looked at. Rejects with SINK_UNREACHABLE, SINK_FORBIDDEN and SINK_TEMPLATE_MISSING.
 */
export async function runReanalyse(options: OptionValues, { dryRun }: { dryRun: boolean }): Promise<number> {
  const client = elasticsearchClientOf(options);
  try {
    await checkTemplates(client);
    await reanalyseReports(client, systemClock, { dryRun });
    return 0;
  } finally {
    await client.close();
  }
}

/** The same with a client and a clock of the caller: progress goes to standard error every two seconds. */
export async function reanalyseReports(
  client: ElasticsearchClient,
  clock: Clock,
  { dryRun }: { dryRun: boolean },
): Promise<void> {
  const total = await countOlder(client, ANALYZER_REVISION);
  console.log(`${total} reports at ${client.address} were analysed by a revision before ${ANALYZER_REVISION}.`);
  const tally: Tally = { read: 0, rewritten: 0, overtaken: 0, gone: 0, left: new Map(), verdicts: new Map() };
  let shownAtMs = clock.elapsedMs();
  for await (const page of scanOlder(client, clock, ANALYZER_REVISION)) {
    const rewrites = rewritesOf(page, tally);
    if (!dryRun) await rewritePage(client, clock, rewrites, tally);
    if (clock.elapsedMs() - shownAtMs < PROGRESS_MS) continue;
    shownAtMs = clock.elapsedMs();
    console.error(`${tally.read} of ${total} read, ${tally.rewritten} rewritten`);
  }
  for (const line of summaryOf(tally, dryRun)) console.log(escapeTerminal(line));
}

function rewritesOf(page: readonly StoredDocument[], tally: Tally): Rewrite[] {
  tally.read += page.length;
  return page.flatMap((stored) => {
    const rewrite = rewriteOf(stored);
    if ('fault' in rewrite) {
      leave(tally, stored, rewrite.fault);
      return [];
    }
    const [before, after] = [verdictOf(stored.document), verdictOf(rewrite.document)];
    if (before !== after) {
      const change = `${before} -> ${after}`;
      tally.verdicts.set(change, (tally.verdicts.get(change) ?? 0) + 1);
    }
    return [rewrite];
  });
}

async function rewritePage(
  client: ElasticsearchClient,
  clock: Clock,
  rewrites: readonly Rewrite[],
  tally: Tally,
): Promise<void> {
  for (const [at, outcome] of (await rewriteReports(client, clock, rewrites)).entries()) {
    const rewrite = rewrites[at];
    if (outcome.kind !== 'refused') tally[outcome.kind] += 1;
    else if (rewrite) leave(tally, rewrite, outcome.reason);
  }
}

/**
 * The report of a document, analysed by this program: the same id, index and time of ingest, so that no alert sees it as
 * new; a version above the stored one. A fault when the document holds no report that can be read.
 */
function rewriteOf({ id, index, document }: StoredDocument): Rewrite | { readonly fault: string } {
  const reading = readReport(document);
  if ('fault' in reading) return reading;
  const { report } = reading;
  const analysis = analyse(report);
  const ingestedAtMs = Date.parse(String(at(document, 'event', 'ingested')));
  const rewritten = toDocument(
    report,
    { ...analysis, identity: { ...analysis.identity, id } },
    Number.isNaN(ingestedAtMs) ? {} : { ingestedAtMs },
  );
  return { id, index, version: analysis.identity.version, document: rewritten };
}

function leave({ left }: Tally, { index, id }: StoredDocument, reason: string): void {
  const key = left.has(reason) || left.size < MOST_REASONS ? reason : 'other reasons';
  const entry = left.get(key) ?? { count: 0, places: [] };
  left.set(key, entry);
  entry.count += 1;
  if (entry.places.length < MOST_NAMED) entry.places.push(`${index}/${id}`);
}

const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );

const verdictOf = (document: Readonly<Record<string, unknown>>): string => String(at(document, 'oom', 'verdict'));

function summaryOf({ read, rewritten, overtaken, gone, left, verdicts }: Tally, dryRun: boolean): string[] {
  const unread = [...left.values()].reduce((sum, { count }) => sum + count, 0);
  return [
    dryRun ? `${read - unread} of ${read} would be rewritten.` : `${rewritten} of ${read} were rewritten.`,
    ...(overtaken > 0 ? [`${overtaken} were overtaken by a newer reading meanwhile.`] : []),
    ...(gone > 0 ? [`${gone} were deleted meanwhile, by a fuller reading or with their month, and stay so.`] : []),
    ...[...left]
      .sort((a, b) => b[1].count - a[1].count)
      .map(([reason, { count, places }]) => {
        const more = count > places.length ? ` and ${count - places.length} more` : '';
        return `${count} stay as they are (${reason}): ${places.join(', ')}${more}`;
      }),
    verdicts.size === 0 ? 'No verdict changed.' : 'Verdicts that changed:',
    ...[...verdicts].sort((a, b) => b[1] - a[1]).map(([change, count]) => `  ${change}: ${count}`),
  ];
}
