/** `oomscope reanalyse`: reports that an older analyzer wrote, analysed anew and rewritten in place. */
import { checkTemplates } from '../assets/index.ts';
import type { ElasticsearchClient } from '../clients/index.ts';
import { readReport, toDocument } from '../document/index.ts';
import { ANALYZER_REVISION, analyse } from '../enrich/index.ts';
import { systemClock } from '../ops/index.ts';
import { countOlder, type Rewrite, rewriteReports, type StoredDocument, scanOlder } from '../store/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { escapeTerminal } from '../view/index.ts';
import { elasticsearchClientOf } from './setup.ts';

/** What a run came to. */
interface Tally {
  read: number;
  rewritten: number;
  overtaken: number;
  /** Documents that hold no report, and those that the index refused, with the reason. */
  readonly left: Map<string, number>;
  /** `old -> new` of verdicts that are not what they were. */
  readonly verdicts: Map<string, number>;
}

const PROGRESS_MS = 2_000;

/**
 * Rewrites them and says what changed; exit code 0. A run that was ended goes on where it stood: only reports of older
 * revisions are looked at. Rejects with SINK_UNREACHABLE, SINK_FORBIDDEN and SINK_TEMPLATE_MISSING.
 */
export async function runReanalyse(options: OptionValues, { dryRun }: { dryRun: boolean }): Promise<number> {
  const client = elasticsearchClientOf(options);
  try {
    await checkTemplates(client);
    const total = await countOlder(client, ANALYZER_REVISION);
    console.log(`${total} reports at ${client.address} were analysed by a revision before ${ANALYZER_REVISION}.`);
    const tally: Tally = { read: 0, rewritten: 0, overtaken: 0, left: new Map(), verdicts: new Map() };
    let shownAtMs = systemClock.elapsedMs();
    for await (const page of scanOlder(client, ANALYZER_REVISION)) {
      await reanalysePage(client, page, tally, dryRun);
      if (systemClock.elapsedMs() - shownAtMs < PROGRESS_MS) continue;
      shownAtMs = systemClock.elapsedMs();
      console.error(`${tally.read} of ${total} read, ${tally.rewritten} rewritten`);
    }
    for (const line of summaryOf(tally, dryRun)) console.log(escapeTerminal(line));
    return 0;
  } finally {
    await client.close();
  }
}

async function reanalysePage(
  client: ElasticsearchClient,
  page: readonly StoredDocument[],
  tally: Tally,
  dryRun: boolean,
): Promise<void> {
  tally.read += page.length;
  const rewrites: Rewrite[] = [];
  for (const stored of page) {
    const rewrite = rewriteOf(stored);
    if (!rewrite) {
      add(tally.left, 'they hold no whole report');
      continue;
    }
    const [before, after] = [verdictOf(stored.document), verdictOf(rewrite.document)];
    if (before !== after) add(tally.verdicts, `${before} -> ${after}`);
    rewrites.push(rewrite);
  }
  if (dryRun || rewrites.length === 0) return;
  for (const outcome of await rewriteReports(client, systemClock, rewrites)) {
    if (outcome.kind === 'refused') add(tally.left, outcome.reason);
    else tally[outcome.kind] += 1;
  }
}

/**
 * The report of a document, analysed by this program: the same id, index and time of ingest, so that no alert sees it as
 * new; a version above the stored one. Undefined when the document holds no report.
 */
function rewriteOf({ id, index, document }: StoredDocument): Rewrite | undefined {
  const report = readReport(document);
  if (!report) return undefined;
  const analysis = analyse(report);
  const ingestedAtMs = Date.parse(String(at(document, 'event', 'ingested')));
  const rewritten = toDocument(
    report,
    { ...analysis, identity: { ...analysis.identity, id } },
    Number.isNaN(ingestedAtMs) ? {} : { ingestedAtMs },
  );
  return { id, index, version: analysis.identity.version, document: rewritten };
}

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    value,
  );

const verdictOf = (document: Readonly<Record<string, unknown>>): string => String(at(document, 'oom', 'verdict'));

function summaryOf({ read, rewritten, overtaken, left, verdicts }: Tally, dryRun: boolean): string[] {
  const byCount = (counts: ReadonlyMap<string, number>) => [...counts].sort((a, b) => b[1] - a[1]);
  const unread = [...left.values()].reduce((sum, count) => sum + count, 0);
  return [
    dryRun ? `${read - unread} of ${read} would be rewritten.` : `${rewritten} of ${read} were rewritten.`,
    ...(overtaken > 0 ? [`${overtaken} were overtaken by a newer reading meanwhile.`] : []),
    ...byCount(left).map(([reason, count]) => `${count} stay as they are: ${reason}.`),
    verdicts.size === 0 ? 'No verdict changed.' : 'Verdicts that changed:',
    ...byCount(verdicts).map(([change, count]) => `  ${change}: ${count}`),
  ];
}
