/** The part of `oomscope setup` that speaks to Kibana. */
import { installKibana } from '../assets/index.ts';
import { createKibanaClient } from '../clients/index.ts';
import type { OptionValues } from '../tables/options.ts';

export const KIBANA_REMOVAL =
  'Nothing was removed from Kibana: its objects and rules carry the tag oomscope, delete them there.';

/**
 * Installs data view, dashboards and rules where `kibana` is given, and says what changed. Rejects with CONFIG_INVALID,
 * KIBANA_UNREACHABLE and KIBANA_REFUSED.
 */
export async function setupKibana(options: OptionValues, { dryRun }: { dryRun: boolean }): Promise<void> {
  const url = options['kibana'];
  if (url === undefined) return;
  const client = createKibanaClient({
    url,
    username: options['elasticsearch.username'],
    password: options['elasticsearch.password'],
    apiKey: options['elasticsearch.api.key'],
    timeoutMs: options['elasticsearch.timeout'],
  });
  for (const { kind, name, change } of await installKibana(client, { dryRun })) {
    const word = dryRun && change !== 'unchanged' ? `would be ${change}` : change;
    console.log(kind === 'objects' ? `${name}: ${word}` : `${kind} ${name}: ${word}`);
  }
  console.log(
    dryRun
      ? `Nothing was changed at ${client.address}.`
      : `${client.address} has the dashboards and rules of oomscope.`,
  );
}
