/** `oomscope setup`: the index templates, installed or shown. */
import { buildTemplates, installTemplates, templateFile, templateText } from '../assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../clients/index.ts';
import type { OptionValues } from '../tables/options.ts';

/** The client that the options describe. Throws CONFIG_INVALID. */
export const elasticsearchClientOf = (options: OptionValues): ElasticsearchClient =>
  createElasticsearchClient({
    url: options['elasticsearch.url'],
    username: options['elasticsearch.username'],
    password: options['elasticsearch.password'],
    apiKey: options['elasticsearch.api.key'],
    caFile: options['elasticsearch.ca'],
    timeoutMs: options['elasticsearch.timeout'],
  });

/**
 * Installs the templates and says what changed. Rejects with SINK_UNREACHABLE, SINK_FORBIDDEN, or SINK_TEMPLATE_MISSING when the
 * cluster holds a newer schema.
 */
export async function runSetup(
  options: OptionValues,
  { dryRun, print }: { dryRun: boolean; print: boolean },
): Promise<number> {
  if (print) {
    for (const template of buildTemplates()) {
      console.log(`# ${templateFile(template)}`);
      console.log(templateText(template));
    }
    return 0;
  }
  const client = elasticsearchClientOf(options);
  try {
    const changes = await installTemplates(client, { dryRun });
    for (const { kind, name, change } of changes) {
      const word = dryRun && change !== 'unchanged' ? `would be ${change}` : change;
      console.log(`${kind} template ${name}: ${word}`.replace('mapping template', 'mapping of'));
    }
    console.log(dryRun ? `Nothing was changed at ${client.address}.` : `${client.address} is ready for oomscope.`);
    return 0;
  } finally {
    await client.close();
  }
}
