/** `oomscope setup`: the index templates, installed, shown or taken away. */
import {
  buildLifecycleTemplate,
  buildRoles,
  buildTemplates,
  findTemplates,
  POLICY_FILE,
  planInstallation,
  planLifecycle,
  policyText,
  removeTemplate,
  roleFile,
  roleText,
  type TemplateChange,
  takeSteps,
  templateFile,
  templateText,
} from '../assets/index.ts';
import { createElasticsearchClient, type ElasticsearchClient } from '../clients/index.ts';
import type { OptionValues } from '../tables/options.ts';
import { KIBANA_REMOVAL, setupKibana } from './setup-kibana.ts';

/** The client that the options describe. Throws CONFIG_INVALID. */
export const elasticsearchClientOf = (options: OptionValues): ElasticsearchClient =>
  createElasticsearchClient({
    url: options['elasticsearch.url'],
    username: options['elasticsearch.username'],
    password: options['elasticsearch.password'],
    apiKey: options['elasticsearch.api.key'],
    caFile: options['elasticsearch.ca'],
    fingerprint: options['elasticsearch.fingerprint'],
    timeoutMs: options['elasticsearch.timeout'],
  });

export interface SetupFlags {
  readonly dryRun: boolean;
  readonly print: boolean;
  /** Delete old months by index lifecycle management. */
  readonly lifecycle: boolean;
  /** Take the templates away, once `yes` confirms it. */
  readonly remove: boolean;
  readonly yes: boolean;
}

/**
 * Installs the templates, and with the option kibana what Kibana shows, and says what changed. Rejects with
 * SINK_UNREACHABLE, SINK_FORBIDDEN, KIBANA_UNREACHABLE, KIBANA_REFUSED, or SINK_TEMPLATE_MISSING when something stands in
 * the way, a newer schema before all.
 */
export async function runSetup(options: OptionValues, flags: SetupFlags): Promise<number> {
  if (flags.print) {
    printTemplates(flags.lifecycle);
    return 0;
  }
  const client = elasticsearchClientOf(options);
  try {
    if (flags.remove) await remove(client, flags.yes && !flags.dryRun);
    else await install(client, flags);
    if (!flags.remove) await setupKibana(options, flags);
    else if (options['kibana'] !== undefined) console.log(KIBANA_REMOVAL);
    return 0;
  } finally {
    await client.close();
  }
}

function printTemplates(lifecycle: boolean): void {
  for (const template of [...buildTemplates(), ...(lifecycle ? [buildLifecycleTemplate()] : [])]) {
    console.log(`# ${templateFile(template)}`);
    console.log(templateText(template));
  }
  if (lifecycle) console.log(`# ${POLICY_FILE}\n${policyText()}`);
  for (const role of buildRoles()) console.log(`# role ${roleFile(role)}: ${role.meaning}\n${roleText(role)}`);
}

/** All is planned, and refused, before the first change; each change is told when it is made, so a failure tells how far it came. */
async function install(client: ElasticsearchClient, { dryRun, lifecycle }: SetupFlags): Promise<void> {
  const steps = await planInstallation(client);
  const policy = lifecycle ? await planLifecycle(client) : [];
  const all = [...steps, ...(policy ?? [])];
  if (dryRun) for (const step of all) console.log(lineOf(step, 'would be '));
  else await takeSteps(all, (change) => console.log(lineOf(change)));
  if (policy === undefined) {
    console.log('The server has no index lifecycle management: let `oomscope prune --older-than 400d` run every day.');
  }
  console.log(dryRun ? `Nothing was changed at ${client.address}.` : `${client.address} is ready for oomscope.`);
}

const TITLES: Readonly<Record<TemplateChange['kind'], string>> = {
  component: 'component template',
  index: 'index template',
  mapping: 'mapping of',
  aliases: 'aliases of',
  limit: 'limit of fields of',
  policy: 'lifecycle policy',
  lifecycle: 'lifecycle of',
};

/** `mapping of oom-report-2026.09.01: updated` */
function lineOf({ kind, name, change, detail }: TemplateChange, would = ''): string {
  const word = change === 'unchanged' ? change : `${would}${change}`;
  return `${TITLES[kind]} ${name}: ${word}${detail === undefined ? '' : ` (${detail})`}`;
}

/** Reports stay, and so does the policy: months under it still need it. Workers see it when they come to a new month. */
async function remove(client: ElasticsearchClient, confirmed: boolean): Promise<void> {
  const templates = await findTemplates(client);
  for (const template of templates) {
    if (confirmed) await removeTemplate(client, template);
    console.log(`${TITLES[template.kind]} ${template.name}: ${confirmed ? 'removed' : 'would be removed'}`);
  }
  if (templates.length === 0) {
    console.log(`No template of oomscope is at ${client.address}.`);
    return;
  }
  console.log(
    `Workers that run ${confirmed ? 'will end' : 'would end'} with exit code 6 when they come to an index that is new to them.`,
  );
  if (!confirmed) console.log('Nothing was removed. Repeat with --yes to remove them; reports stay.');
}
